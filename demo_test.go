package main

import (
	"bytes"
	"context"
	"testing"
)

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
