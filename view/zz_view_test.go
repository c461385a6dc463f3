package view

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"testing"
	"time"
)

type zzLab struct{ events []LabEvent }

func (l zzLab) LabEvents(ctx context.Context, after int) ([]LabEvent, error) {
	if after < len(l.events) {
		return l.events[after:min(len(l.events), after+256)], nil
	}
	<-ctx.Done()
	return nil, ctx.Err()
}
func (l zzLab) Do(ctx context.Context, line string) (string, error) { return "did " + line, nil }

func TestZZServe(t *testing.T) {
	dir := os.Getenv("ZZDIR")
	if dir == "" {
		t.Skip()
	}
	names := []string{"fork", "lookup", "article", "python", "twelve", "big"}
	for _, name := range names {
		raw, err := os.ReadFile(dir + "/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var events []LabEvent
		json.Unmarshal(raw, &events)
		f, _ := os.Create(dir + "/" + name + ".html")
		if err := SaveLab(f, name, events); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	_ = net.Listen
	_ = time.Now
}
