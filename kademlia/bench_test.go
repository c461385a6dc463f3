package kademlia

import (
	"fmt"
	"math"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// BenchmarkLookup builds a network of n nodes in memory, with a round trip of
// 100 ms on average, and makes lookups in it. Latencies are virtual: what the
// nodes see. It fails if the figures are not what is accepted.
func BenchmarkLookup(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // 10,000 nodes live long
	for _, n := range []int{100, 1000, 10000} {
		for _, c := range []condition{alive, dead30, loss5, churn} {
			b.Run(fmt.Sprintf("n=%d/%s", n, c.name), func(b *testing.B) {
				for b.Loop() {
					var f figures
					virtually(b, func(t *testing.T) {
						m := newSim(7)
						m.fill(t, n)
						c.bring(t, m)
						f = m.measure(t, 400)
						f.check(t, n, c)
					})
					f.report(b, n)
				}
			})
		}
	}
}

// virtually runs f in a synctest bubble. A bubble needs a test, so f is one:
// of a benchmark's functions, only this way leads there.
func virtually(b *testing.B, f func(*testing.T)) {
	b.Helper()
	done := false // RunTests minds -count and -cpu: the benchmark does already
	all := func(pat, str string) (bool, error) { return true, nil }
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: func(t *testing.T) {
		if !done {
			done = true
			synctest.Test(t, f)
		}
	}}}) {
		b.Fatal("the test inside failed")
	}
}

func (f figures) report(b *testing.B, n int) {
	b.ReportMetric(0, "ns/op") // real time says nothing here
	b.ReportMetric(f.nearest, "nearest%")
	b.ReportMetric(f.recall, "recall%")
	b.ReportMetric(f.hops, "hops")
	b.ReportMetric(float64(f.maxHops), "maxhops")
	b.ReportMetric(math.Ceil(math.Log2(float64(n))), "log2n")
	b.ReportMetric(f.rpcs, "rpcs")
	b.ReportMetric(float64(f.p99RPCs), "p99rpcs")
	b.ReportMetric(float64(f.median)/float64(time.Millisecond), "median-ms")
	b.ReportMetric(float64(f.p99)/float64(time.Millisecond), "p99-ms")
}
