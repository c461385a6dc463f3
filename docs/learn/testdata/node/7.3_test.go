// dir: .

package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"gosimpleblockchain/wire"
)

const (
	trip3    = 300 * time.Millisecond // one way, on the slow wire
	patience = 15 * time.Second
)

// rttPattern is how a line should end.
var rttPattern = regexp.MustCompile(`  rtt (\S+)$`)

// rtts returns what the command peers says, by the address of the peer.
func rtts(t *testing.T, n *testNode) map[string]time.Duration {
	t.Helper()
	found := make(map[string]time.Duration)
	for line := range strings.Lines(n.do("peers")) {
		line = strings.TrimRight(line, "\n")
		m := rttPattern.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("this line of peers should end in two spaces, rtt and a duration, as in \"  rtt 1.52ms\":\n%s", line)
		}
		d, err := time.ParseDuration(m[1])
		if err != nil {
			t.Fatalf("%q is no duration as a time.Duration prints itself: %s", m[1], line)
		}
		addr, _, _ := strings.Cut(line, " ")
		found[addr] = d
	}
	return found
}

// A node has a peer next door, and one at the end of a slow wire.
func TestHole7_3(t *testing.T) {
	wires := wire.New(1, func(wire.Event) {})
	defer wires.Close()
	config := func(name string) NodeConfig {
		return NodeConfig{PoolSize: 9, Heartbeat: time.Second, Wires: wires.Host(name)}
	}
	slow := func(d time.Duration) {
		wires.Set("A", "C", wire.State{Delay: d})
		wires.Set("C", "A", wire.State{Delay: d})
	}

	a := startNode(t, config("A"))
	defer a.stop()
	b := join(t, config("B"), a)
	defer b.stop()
	c := join(t, config("C"), a)
	defer c.stop()
	a.address("genesis_block")
	b.awaitTip(a)
	c.awaitTip(a)
	near, far := b.Addr().String(), c.Addr().String()
	await := func(what string, ok func(near, far time.Duration) bool) {
		t.Helper()
		var last map[string]time.Duration
		for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
			last = rtts(t, a)
			if len(last) == 2 && ok(last[near], last[far]) {
				return
			}
		}
		t.Fatalf("%s: peers should soon tell so. It says %v for the near one, and %v for the other", what, last[near], last[far])
	}
	isShort := func(d time.Duration) bool { return d > 0 && d < trip3 }

	await("both peers are on this machine", func(near, far time.Duration) bool { return isShort(near) && isShort(far) })

	slow(trip3)
	await("a message to one peer and its reply take 300 ms each", func(near, far time.Duration) bool {
		return isShort(near) && far >= 2*trip3 && far < 4*trip3
	})
	for range 25 { // longer than two heartbeats
		got := rtts(t, a)
		if far := got[far]; far < 2*trip3 || far > 5*time.Second {
			t.Fatalf("each reply of the slow peer takes 600 ms, and peers says %v", far)
		}
		if near := got[near]; !isShort(near) {
			t.Fatalf("each reply of the near peer takes a few ms, and peers says %v: does it tell how long ago the last one was?", near)
		}
		time.Sleep(100 * time.Millisecond)
	}

	// The last answer counts, and not the slowest, nor an average over hours.
	slow(0)
	await("the wire is quick again", func(near, far time.Duration) bool { return isShort(near) && isShort(far) })
}
