package e2e

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Nine nodes, each with eight peers, do nothing for some heartbeats. To reach:
// below one percent of a core and 40 MiB a node.
func BenchmarkIdle(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("needs /proc")
	}
	const size = 9
	net := newNetwork(b)
	first := net.Start("node 0")
	for i := 1; i < size; i++ {
		net.Start(fmt.Sprint("node ", i), first)
	}
	first.Run("genesis_block")
	net.Agree()
	for _, n := range net.nodes {
		net.Await("eight peers of "+n.name, func() bool { return n.peers() == size-1 })
	}

	b.ResetTimer()
	before, began := net.used(), time.Now()
	for range b.N {
		<-time.After(20 * time.Second)
	}
	b.StopTimer()
	cpu := float64(net.used()-before) / float64(time.Since(began)) / size
	memory := 0
	for _, n := range net.nodes {
		memory += n.memory("VmRSS")
	}
	b.ReportMetric(100*cpu, "%cpu")
	b.ReportMetric(float64(memory)/size/(1<<20), "MiB")
	b.ReportMetric(0, "ns/op")

	for _, n := range net.nodes {
		if got := n.peers(); got != size-1 {
			b.Fatalf("%s has %d peers, want %d", n.name, got, size-1)
		}
	}
}

// peers returns how many peers a node lists.
func (n *node) peers() int { return strings.Count(n.Run("peers"), "\n") }

// used returns the processor time that all nodes have taken.
func (net *network) used() (sum time.Duration) {
	net.t.Helper()
	for _, n := range net.nodes {
		sum += n.used()
	}
	return sum
}

// used returns the processor time that a node has taken: fields 14 and 15 of
// its stat file, in hundredths of a second.
func (n *node) used() time.Duration {
	t := n.net.t
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the program's name is field 2
	fields := strings.Fields(rest)
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory returns a figure of a node's status file, in bytes: VmRSS is what it
// has resident now, VmHWM the most it ever had.
func (n *node) memory(name string) int {
	t := n.net.t
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no %s in %s", name, status)
	}
	var kB int
	fmt.Sscan(string(found[1]), &kB) // digits
	return kB << 10
}
