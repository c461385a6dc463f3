//go:build unix

package main

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"
)

// Nine nodes, each with eight peers, do nothing for some heartbeats. To reach:
// below one percent of a core and 40 MiB a node.
func BenchmarkIdle(b *testing.B) {
	const nodes = 9
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	memory := func() float64 {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.Sys - m.HeapReleased)
	}
	empty := memory()
	first := startNode(b, NodeConfig{Heartbeat: 5 * time.Second})
	all := []*testNode{first}
	for range nodes - 1 {
		all = append(all, join(b, NodeConfig{Heartbeat: 5 * time.Second}, first))
	}
	first.do("genesis_block")
	for _, n := range all {
		n.awaitTip(first)
		n.await("eight peers", func() bool { return len(n.peers.Peers()) == nodes-1 })
	}
	b.ResetTimer()
	before, began := used(), time.Now()
	for range b.N {
		<-time.After(20 * time.Second)
	}
	b.StopTimer()
	cpu := float64(used()-before) / float64(time.Since(began)) / nodes
	b.ReportMetric(100*cpu, "%cpu")
	b.ReportMetric((memory()-empty)/nodes/(1<<20), "MiB")
	b.ReportMetric(0, "ns/op")
	for _, n := range all {
		if got := len(n.peers.Peers()); got != nodes-1 {
			b.Fatalf("a node has %d peers, want %d", got, nodes-1)
		}
	}
}
