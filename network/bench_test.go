package network

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// roundTrip measures what a byte there and back takes on the loopback
// interface, the least that any request and reply can take.
func roundTrip(b *testing.B) time.Duration {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for buf := make([]byte, 1); ; {
			if _, err := io.ReadFull(c, buf); err != nil {
				return
			}
			c.Write(buf)
		}
	})
	defer wg.Wait()
	defer ln.Close()
	c := dial(b, "127.0.0.1", ln.Addr().String())
	defer c.Close()
	const n = 2000
	buf := make([]byte, 1)
	began := time.Now()
	for range n {
		c.Write(buf)
		if _, err := io.ReadFull(c, buf); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / n
}

// reportRatio reports what the n things that were measured cost, each, in
// round trips of the same run.
func reportRatio(b *testing.B, rtt time.Duration, n int, unit string) {
	each := float64(b.Elapsed()) / float64(b.N*n)
	b.ReportMetric(float64(rtt), "ns/roundtrip")
	b.ReportMetric(each/float64(rtt), "roundtrips/"+unit)
}

func BenchmarkHandshake(b *testing.B) {
	l := newLedger(3, "a")
	rtt := roundTrip(b)
	nc := dial(b, "127.0.0.1", startServer(b, &TCPServer{Ledger: l, Log: testLog(b)}))
	c := newMsgConn(nc, testLog(b))
	ours, err := l.Status()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.send(ours.Msg(), time.Minute); err != nil {
			b.Fatal(err)
		}
		reply, err := c.receive(time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ParseHandshake(reply.Data); err != nil {
			b.Fatal(err)
		}
	}
	reportRatio(b, rtt, 1, "handshake")
}

// The first sync of a thousand blocks with a ledger that takes no time.
func BenchmarkSync1000(b *testing.B) {
	for _, size := range []int{400, 4000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			theirs := newLedger(999, string(bytes.Repeat([]byte("a"), size-380)))
			rtt := roundTrip(b)
			_, addr, _ := startPeer(b, "127.0.0.1", theirs)
			theirs.asked = make([]int, 0, 1000)
			for b.Loop() {
				ours := newLedger(-1, "")
				theirs.asked = theirs.asked[:0]
				c := NewTCPClient(addr, ours, testLog(b))
				nc, err := c.Dial(b.Context(), addr)
				if err != nil {
					b.Fatal(err)
				}
				if err := c.shakeHands(b.Context(), newMsgConn(nc, c.Log)); err != nil {
					b.Fatal(err)
				}
				nc.Close()
				if len(ours.chain) != 1000 {
					b.Fatalf("got %d blocks", len(ours.chain))
				}
			}
			reportRatio(b, rtt, 1000, "block")
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "blocks/s")
		})
	}
}

// Over a long line: how many blocks a round trip brings, and how many it takes to
// find a fork point 1,000 blocks down. Time is virtual, so this counts waits.
func BenchmarkLongLine(b *testing.B) {
	for _, kind := range []string{"Go", "Python"} {
		trips := func(do func(*testing.T, *TCPClient, *msgConn)) (n float64) {
			virtually(b, func(t *testing.T) { n = float64(countRoundTrips(t, kind == "Python", do)) })
			return n
		}
		b.Run(kind, func(b *testing.B) {
			var fetch, fork float64
			for b.Loop() {
				fetch, fork = trips(fetchThousand), trips(findDeepFork)
			}
			b.ReportMetric(1000/fetch, "blocks/roundtrip")
			b.ReportMetric(fork, "roundtrips/fork")
			b.ReportMetric(0, "ns/op") // real time says nothing here
		})
	}
}

// inStep waits until each node is in step with n peers.
func inStep(b *testing.B, n int, nodes ...*PeerServer) {
	b.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for _, p := range nodes {
		for range 3000 {
			peers := p.Peers()
			peers = slices.DeleteFunc(peers, func(s PeerStatus) bool { return s.State != "in step" })
			if len(peers) == n {
				break
			}
			<-tick.C
		}
	}
}

// From Broadcast on one node to the pool of another.
func BenchmarkTransaction(b *testing.B) {
	rtt := roundTrip(b)
	theirs := newLedger(3, "a")
	_, addr, _ := startPeer(b, "127.0.0.1", theirs)
	p, _, _ := startPeer(b, "127.0.0.2", newLedger(3, "a"), addr)
	inStep(b, 1, p)
	n := 0
	for b.Loop() {
		p.Broadcast(testTx(fmt.Sprint(n)))
		n++
		theirs.await(b, "transaction", func() bool {
			theirs.mu.Lock()
			defer theirs.mu.Unlock()
			if len(theirs.pool) == 0 {
				return false
			}
			theirs.pool = theirs.pool[:0] // or looking for duplicates would be measured
			return true
		})
	}
	reportRatio(b, rtt, 1, "transaction")
}

// From Announce on one node to the tip of the next, and of one that only the
// next one knows.
func BenchmarkAnnounce(b *testing.B) {
	for hops := 1; hops <= 2; hops++ {
		b.Run(fmt.Sprintf("%dhops", hops), func(b *testing.B) {
			rtt := roundTrip(b)
			first := newLedger(3, "a")
			last, p, addr := first, (*PeerServer)(nil), netip.AddrPort{}
			var nodes []*PeerServer
			for i := range hops + 1 {
				l := first
				if i > 0 {
					l = newLedger(3, "a")
				}
				node, at, _ := startPeer(b, fmt.Sprintf("127.0.0.%d", i+1), l)
				if i > 0 {
					know(node, addr)
					know(p, at)
				}
				last, p, addr = l, node, at
				nodes = append(nodes, node)
			}
			inStep(b, 1, nodes[0], nodes[hops])
			inStep(b, hops, nodes[1])
			for b.Loop() {
				first.extend(1, "a")
				nodes[0].Announce()
				last.await(b, "block", func() bool { return last.tip() == first.tip() })
			}
			reportRatio(b, rtt, 1, "block")
		})
	}
}

// know makes p's discovery find addr.
func know(p *PeerServer, addr netip.AddrPort) {
	d := p.Discovery.(*fakeDiscovery)
	d.set(append(d.Peers(), addr)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []int{400, 4000, 1 << 20} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			msg := Msg{GetBlockMsg, testBlock(1, hashA, string(bytes.Repeat([]byte("a"), size-380)))}.Append(nil)
			r := bytes.NewReader(nil)
			c := stream(r)
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(msg)
				m, err := c.receive(time.Minute)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := parseHeader(m.Data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
