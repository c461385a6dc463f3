package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"demo"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	for _, want := range []string{"balance is 1900", "discovered", "pooled", "mined", "announces", "ahead"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in %s", want, stdout.String())
		}
	}
	if strings.Contains(stdout.String(), "\x1b") {
		t.Error("colours in a pipe")
	}
}

// A demonstration that does not come out as the article says must fail.
func TestDemoFails(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.do("genesis_block")
	d := &demonstration{out: &bytes.Buffer{}, nodes: map[string]*Node{"A": n.Node}, known: make(map[string]string)}
	for _, s := range []scene{
		{"", "A", "print 0", "{G} balance is 1000", ""},
		{"", "A", "print 1", "{H}", ""},
	} {
		if err := d.play(context.Background(), s); err == nil {
			t.Errorf("%s: no error", s.line)
		}
	}
}
