package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// A demonstration that does not come out as the article says must fail.
func TestDemoFails(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.do("genesis_block")
	d := &demonstration{options: new(options), out: &output{Writer: io.Discard}, nodes: map[string]*Node{"A": n.Node}, known: make(map[string]string),
		seen: make(map[string]uint64), logged: make(map[string]int)}
	for _, s := range []scene{
		{"", "A", "print 0", "{G} balance is 1000", ""},
		{"", "A", "print 1", "{H}", ""},
	} {
		if err := d.play(context.Background(), s); err == nil {
			t.Errorf("%s: no error", s.line)
		}
	}
}

// A demonstration that is stopped says that, and leaves nothing behind.
func TestDemoIsStopped(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	stdout := stopper{cancel}
	var stderr bytes.Buffer
	if code := run(ctx, []string{"demo"}, stdout, &stderr); code != 1 || stderr.String() != "the demonstration was stopped\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A stopper ends a context when something is written to it.
type stopper struct{ cancel context.CancelFunc }

func (s stopper) Write(b []byte) (int, error) { s.cancel(); return len(b), nil }

func TestWantsColour(t *testing.T) {
	tests := []struct {
		system, setting string
		want            bool
	}{
		{"linux", "TERM=xterm", true},
		{"linux", "TERM=dumb", false},
		{"linux", "NO_COLOR=1", false},
		{"windows", "", false},
		{"windows", "WT_SESSION=1", true},
	}
	for _, tt := range tests {
		name, value, _ := strings.Cut(tt.setting, "=")
		getenv := func(s string) string {
			if s == name {
				return value
			}
			return ""
		}
		if got := wantsColour(tt.system, getenv); got != tt.want {
			t.Errorf("%s, %s: got %v, want %v", tt.system, tt.setting, got, tt.want)
		}
	}
}
