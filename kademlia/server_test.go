package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// Four nodes on one IP address, which know only the first, find each other.
func TestFourNodesFindEachOther(t *testing.T) {
	var servers []*Server
	for range 4 {
		s := listen(t, Config{})
		servers = append(servers, s)
		err := s.Bootstrap(t.Context(), servers[0].Self().Addr)
		if first := len(servers) == 1; first != errors.Is(err, ErrNoContacts) || !first && err != nil {
			t.Fatalf("node %d: %v", len(servers), err)
		}
	}

	for i, s := range servers {
		for _, other := range servers {
			found, err := s.Lookup(t.Context(), other.Self().ID)
			if err != nil {
				t.Fatal(err)
			}
			if want := other != s; slices.Contains(found, other.Self()) != want {
				t.Errorf("node %d looks for %v: %v", i, other.Self(), found)
			}
		}
	}
}

// The same in memory, where we can wait until each knows all the others; and
// in the tutorial's shape: many addresses, one port.
func TestSmallNetConverges(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var servers []*Server
		for i := range 4 {
			s := m.start(t, named(fmt.Sprint(i), i), Config{})
			servers = append(servers, s)
			if i > 0 {
				mustBootstrap(t, s, servers[0].Self().Addr)
			}
		}

		sleep(time.Minute)
		for i, s := range servers {
			nodes, peers := s.Nodes(), s.Peers()
			if len(nodes) != 3 || len(peers) != 3 {
				t.Errorf("node %d knows %v, Peers %v", i, nodes, peers)
			}
			for _, other := range servers {
				n := other.Self()
				if n.Addr.Port() != 5678 {
					t.Errorf("%v is not at the one port", n)
				}
				if want := other != s; slices.Contains(nodes, n) != want || slices.Contains(peers, n.Addr) != want {
					t.Errorf("node %d knows %v: %v", i, n, nodes)
				}
			}
		}
	})
}

// A wildcard socket serves IPv4 and IPv6 peers under their plain addresses.
func TestListenWildcard(t *testing.T) {
	for _, ip := range []netip.Addr{{}, netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		t.Run(ip.String(), func(t *testing.T) {
			s, err := Listen(netip.AddrPortFrom(ip, 0), Config{})
			if err != nil {
				t.Skip(err)
			}
			defer s.Close()
			port := s.Self().Addr.Port()
			if port == 0 {
				t.Fatal("Self has no port")
			}
			for _, loopback := range []string{"127.0.0.1", "::1"} {
				t.Run(loopback, func(t *testing.T) {
					addr := netip.MustParseAddr(loopback)
					c, err := Listen(netip.AddrPortFrom(addr, 0), Config{})
					if err != nil {
						t.Skip(err) // a machine without IPv6
					}
					defer c.Close()
					n, err := c.Ping(t.Context(), netip.AddrPortFrom(addr, port))
					if err != nil && addr.Is6() && !s.Self().Addr.Addr().Is6() {
						t.Skip(err)
					}
					if want := (Node{s.Self().ID, netip.AddrPortFrom(addr, port)}); err != nil || n != want {
						t.Fatalf("got %v, %v, want %v", n, err, want)
					}
					// s pings back before it counts c in.
					if _, err := s.Ping(t.Context(), c.Self().Addr); err != nil || !slices.Contains(s.Nodes(), c.Self()) {
						t.Errorf("%v, got %v, want %v among them", err, s.Nodes(), c.Self())
					}
				})
			}
		})
	}
}

func TestListenTwice(t *testing.T) {
	s := listen(t, Config{})
	if _, err := Listen(s.Self().Addr, Config{}); err == nil {
		t.Error("two servers on one port")
	}
}

func TestServeChoosesID(t *testing.T) {
	a, b := listen(t, Config{}), listen(t, Config{})
	if a.Self().ID == (ID{}) || a.Self().ID == b.Self().ID {
		t.Errorf("IDs %v and %v", a.Self().ID, b.Self().ID)
	}
	conn := newMemNet(1).listen(named("a", 0).Addr)
	if _, err := Serve(conn, Config{Rand: bytes.NewReader(nil)}); err == nil {
		t.Error("no error without randomness")
	}
	if c := listen(t, Config{ID: KeyID("c")}); c.Self().ID != KeyID("c") {
		t.Errorf("got %v, want the ID given", c.Self().ID)
	}
}

// A find_node names live contacts only, nearest first, without the caller.
func TestFindNode(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		var nodes []Node
		for i := 1; i <= 5; i++ {
			n := named(fmt.Sprint(i), i)
			m.peer(t, n, honest(n.ID))
			if _, err := s.Ping(t.Context(), n.Addr); err != nil {
				t.Fatal(err)
			}
			nodes = append(nodes, n)
		}

		s.recordFailure(nodes[2]) // one strike
		c := m.start(t, named("client", 6), Config{})
		target := nodes[3].ID
		got, err := c.call(t.Context(), s.Self().Addr, request{method: findNode, from: c.id, target: target}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := []Node{nodes[0], nodes[1], nodes[3], nodes[4]}
		slices.SortFunc(want, func(a, b Node) int { return compareDistance(target, a.ID, b.ID) })
		if !slices.Equal(got.nodes, want) {
			t.Errorf("got %v, want %v", got.nodes, want)
		}
		if !slices.Contains(s.Nodes(), c.Self()) {
			t.Error("the caller has not entered the table")
		}
	})
}

// All methods may be called at once, by anybody.
func TestConcurrentUse(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var servers []*Server
		for i := range 10 {
			servers = append(servers, m.start(t, named(fmt.Sprint(i), i), Config{}))
		}
		var users sync.WaitGroup
		for i, s := range servers {
			next := servers[(i+1)%len(servers)].Self()
			for j := range 4 {
				users.Go(func() {
					key := fmt.Sprint("key ", i, j)
					if err := s.Bootstrap(t.Context(), next.Addr); err != nil {
						t.Error(err)
					}
					if err := s.Store(t.Context(), key, "value"); err != nil {
						t.Error(err)
					}
					if _, err := s.Lookup(t.Context(), KeyID(key)); err != nil {
						t.Error(err)
					}
					if _, err := s.FindValue(t.Context(), key); err != nil {
						t.Error(err)
					}
					if _, err := s.Ping(t.Context(), next.Addr); err != nil {
						t.Error(err)
					}
					if nodes, peers := s.Nodes(), s.Peers(); len(nodes) == 0 || len(peers) == 0 {
						t.Errorf("Nodes %v, Peers %v", nodes, peers)
					}
				})
			}
		}

		users.Wait()
	})
}

// flaky is a socket whose reads fail now and then, as they do on Windows after
// an earlier datagram met a closed port.
type flaky struct {
	*memConn
	failures int // to come
	reads    int
}

func (f *flaky) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	f.reads++
	if f.failures > 0 {
		f.failures--
		return 0, netip.AddrPort{}, os.NewSyscallError("wsarecvfrom", errors.New("connection reset"))
	}
	return f.memConn.ReadFromUDPAddrPort(b)
}

func TestReadErrors(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		conn := &flaky{memConn: m.listen(named("s", 0).Addr), failures: 30}
		s := serveOn(t, conn, Config{})
		c := m.start(t, named("c", 1), Config{})
		if _, err := c.Ping(t.Context(), s.Self().Addr); err != nil {
			t.Error(err)
		}
	})

	bubble(t, func(t *testing.T, m *memNet) { // it does not spin, and still closes
		conn := &flaky{memConn: m.listen(named("s", 0).Addr), failures: 1 << 30}
		s := serveOn(t, conn, Config{})
		sleep(10 * time.Second)
		s.Close()
		if conn.reads > 1100 {
			t.Errorf("%d reads in 10 s", conn.reads)
		}
	})
}

// Close ends lookups and calls at once, whoever waits for them.
func TestClose(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		p.Close()
		calls := []func() error{
			func() error { _, err := s.Lookup(context.Background(), KeyID("x")); return err },
			func() error { _, err := s.Ping(context.Background(), n.Addr); return err },
			func() error { return s.Bootstrap(context.Background(), named("nobody", 2).Addr) },
			func() error { return s.Store(context.Background(), "key", "value") },
			func() error { _, err := s.FindValue(context.Background(), "key"); return err },
		}

		try := func() (wait func()) {
			var waiting sync.WaitGroup
			for i, call := range calls {
				waiting.Go(func() {
					if err := call(); !errors.Is(err, ErrClosed) {
						t.Errorf("call %d: got %v, want ErrClosed", i, err)
					}
				})
			}

			return waiting.Wait
		}

		wait := try()
		sleep(50 * time.Millisecond) // all wait for an answer
		start := time.Now()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wait()
		if took := time.Since(start); took > 0 {
			t.Errorf("Close took %v", took)
		}
		if err := s.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}

		try()() // and from now on
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.startProof(n.Addr, 1) {
			t.Error("a closed server begins a proof")
		}
		if len(s.pending) > 0 {
			t.Errorf("%d calls are still pending", len(s.pending))
		}
	})
}

// Close ends what goes on in the background. Python's stop leaves calls waiting,
// calls after it hang, and a cancelled one stays in the books for ever: see also
// TestClose and TestCancel.
func TestCloseEndsBackgroundWork(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("silent", 1)
		p := m.peer(t, n, silent)
		p.send(t, s.Self().Addr, request{method: findNode, from: n.ID}.encode(messageID{}))
		sleep(100 * time.Millisecond)
		if got, want := s.load(), [3]int{1, 1, 1}; got != want {
			t.Errorf("open, held, pending: %v, want %v", got, want)
		}
		start := time.Now()
		s.Close()
		if took := time.Since(start); took > 0 {
			t.Errorf("Close took %v", took)
		}
		if got, want := s.load(), [3]int{}; got != want {
			t.Errorf("left: open, held, pending: %v, want %v", got, want)
		}
	})
}

// Fifty servers on real sockets, closed again, leave no goroutine and no file.
func TestNoLeak(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range 50 {
		a, b := listen(t, Config{}), listen(t, Config{})
		mustBootstrap(t, a, b.Self().Addr)
		a.Close()
		b.Close()
	}

	for i := 0; runtime.NumGoroutine() > goroutines && i < 1e6; i++ {
		runtime.Gosched() // one that has said that it is done may not be gone yet
	}
	if got := runtime.NumGoroutine(); got > goroutines {
		t.Errorf("%d goroutines, had %d", got, goroutines)
	}
	if got := openFiles(t); got > files {
		t.Errorf("%d open files, had %d", got, files)
	}
}

// openFiles returns the number of open descriptors where it can be known.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

var _ Conn = (*net.UDPConn)(nil)
