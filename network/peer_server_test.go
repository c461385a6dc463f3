package network

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"
)

// startLoopback runs a PeerServer on a free port of ip until the test ends.
func startLoopback(t testing.TB, ip string, l Ledger, peers ...netip.AddrPort) (*PeerServer, netip.AddrPort) {
	t.Helper()
	ln, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Fatal(err)
	}
	d := new(fakeDiscovery)
	d.set(peers...)
	p := &PeerServer{Ledger: l, Discovery: d, Log: testLog(t)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return p, ln.Addr().(*net.TCPAddr).AddrPort()
}

// eventually waits until a condition holds that real connections bring about.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestLoopbackSync(t *testing.T) {
	a := newLedger(1200, "a")
	b := newLedger(-1, "")
	_, addr := startLoopback(t, "127.0.0.1", a)
	p, _ := startLoopback(t, "127.0.0.2", b, addr)
	eventually(t, "sync", func() bool { return a.tip() == b.tip() })
	eventually(t, "state", func() bool {
		peers := p.Peers()
		return len(peers) == 1 && peers[0].State == "in step"
	})
	p.Broadcast(testTx("one"))
	eventually(t, "transaction", func() bool { return a.pooled() == `"one"` })
}
