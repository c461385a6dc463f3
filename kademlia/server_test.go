package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// listen starts a server on a free port of the loopback address.
func listen(t testing.TB, c Config) *Server {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bubble runs f with a network in memory and under a virtual clock.
func bubble(t *testing.T, f func(t *testing.T, m *memNet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newMemNet(1)) })
}

// named returns a node with an ID made from name, at the i-th test address.
func named(name string, i int) Node { return testNode(KeyID(name), i) }

// serveNamed starts a server that is the node named(name, i).
func (m *memNet) serveNamed(tb testing.TB, name string, i int) *Server {
	tb.Helper()
	return m.serve(tb, named(name, i).Addr, Config{ID: named(name, i).ID})
}

// mustBootstrap joins through seeds, one of which must answer.
func mustBootstrap(t *testing.T, s *Server, seeds ...netip.AddrPort) {
	t.Helper()
	if err := s.Bootstrap(t.Context(), seeds...); err != nil {
		t.Fatalf("bootstrap: %v", err)
	}
}

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
			s := m.serveNamed(t, fmt.Sprint(i), i)
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

// A ping of a stranger is answered with exactly these bytes, then it is
// pinged itself, and enters the table with its answer.
func TestPingAndPingBack(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var got [][]byte
		s := m.serveNamed(t, "s", 0)
		n := named("stranger", 1)
		p := m.peer(t, n, honest(n.ID))
		m.watch(func(from, _ netip.AddrPort, datagram []byte) {
			if from == s.Self().Addr {
				got = append(got, datagram)
			}
		})
		mid := messageID(KeyID("message"))
		p.send(t, s.Self().Addr, request{method: ping, from: n.ID}.encode(mid))
		sleep(100 * time.Millisecond)
		if len(s.Nodes()) > 0 {
			t.Errorf("entered unproven: %v", s.Nodes())
		}
		sleep(time.Second)
		if len(got) != 2 {
			t.Fatalf("%d datagrams, want 2: %x", len(got), got)
		}
		id, selfID := string(mid[:]), s.Self().ID
		reply := "\x01" + id + "\xc4\x14" + string(selfID[:])
		if string(got[0]) != reply && string(got[1]) != reply {
			t.Errorf("got %x, want %x among them", got, reply)
		}
		for _, g := range got {
			if g[0] == requestByte && string(g[21:]) != "\x92\xa4ping\x91\xc4\x14"+string(selfID[:]) {
				t.Errorf("pinged back with %x", g)
			}
		}
		if want := []Node{n}; !slices.Equal(s.Nodes(), want) {
			t.Errorf("table %v, want %v", s.Nodes(), want)
		}
	})
}

// A find_node names live contacts only, nearest first, without the caller.
func TestFindNode(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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
		c := m.serveNamed(t, "client", 6)
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

// Requests that Python's library was sent, in the same order: exactly six are
// answered, and their one honest sender enters the table, nobody else.
func TestOddRequests(t *testing.T) {
	f := readVectors(t)
	odd := f.OddRequests
	if len(odd) != 40 {
		t.Fatalf("%d requests, want 40", len(odd))
	}
	// The node that Python's ID was, by the answer to a ping.
	self := ID(unhex(t, (*odd[0].Reply)[2*(headerSize+2):]))
	stranger := ID(unhex(t, odd[0].Hex[len(odd[0].Hex)-40:]))
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serve(t, named("s", 0).Addr, Config{ID: self})
		answers := 0
		p := m.peer(t, testNode(stranger, 1), honest(stranger))
		m.watch(func(from, _ netip.AddrPort, datagram []byte) {
			if from == s.Self().Addr && datagram[0] == responseByte {
				answers++
			}
		})
		var answered []string
		for i, o := range odd {
			datagram := oddDatagram(t, f, i)
			if len(datagram) != o.Length {
				t.Fatalf("%s: %d bytes, want %d", o.Name, len(datagram), o.Length)
			}
			before := answers
			p.send(t, s.Self().Addr, datagram)
			sleep(2 * time.Second)
			if answers > before {
				answered = append(answered, o.Name)
			}
		}
		want := []string{"ping ok", "function 'stun'", "ping with server's own id",
			"find_value of nil value", "find_value of map value", "find_value 60000 byte value"}
		if !slices.Equal(answered, want) || answers != len(want) {
			t.Errorf("%d answers, to %q, want %q", answers, answered, want)
		}
		if got, want := s.Nodes(), []Node{p.Node}; !slices.Equal(got, want) {
			t.Errorf("table %v, want %v", got, want)
		}
		if got := s.values.len(); got != 0 {
			t.Errorf("%d values stored, want none", got)
		}
	})
}

// oddDatagram returns odd request i; two are too long for the file.
func oddDatagram(t testing.TB, f vectorFile, i int) []byte {
	o := f.OddRequests[i]
	if !o.Truncated {
		return unhex(t, o.Hex)
	}
	b := unhex(t, strings.TrimRight(o.Hex, "."))
	last := b[len(b)-1]
	for len(b) < o.Length {
		b = append(b, last)
	}
	if last == 0x91 { // the arrays are around a nil
		b[len(b)-1] = 0xc0
	}
	return b
}

// A response counts once, from the address that was asked, with the message
// ID of the request.
func TestResponseMatching(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		other := m.peer(t, named("other", 2), silent)
		port := m.peer(t, Node{Addr: netip.AddrPortFrom(n.Addr.Addr(), n.Addr.Port()+1)}, silent)
		var late messageID
		p := m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			late = id
			other.send(t, from, response{kind: idReply, id: KeyID("wrong address")}.encode(id))
			port.send(t, from, response{kind: idReply, id: KeyID("wrong port")}.encode(id))
			return [][]byte{response{kind: idReply, id: KeyID("wrong message ID")}.encode(messageID{1})}
		})
		if got, err := s.Ping(t.Context(), n.Addr); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, %v, want ErrTimeout", got, err)
		}
		p.send(t, s.Self().Addr, response{kind: idReply, id: KeyID("too late")}.encode(late))
		sleep(time.Second)
		if len(s.Nodes()) > 0 || len(s.pending) > 0 {
			t.Errorf("table %v, pending %v", s.Nodes(), s.pending)
		}
	})
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		m.peer(t, n, func(_ netip.AddrPort, id messageID, q request) [][]byte {
			a := response{kind: idReply, id: n.ID}.encode(id)
			return [][]byte{a, a, response{kind: idReply, id: KeyID("another")}.encode(id)}
		})
		if got, err := s.Ping(t.Context(), n.Addr); err != nil {
			t.Errorf("got %v, %v", got, err)
		}
		sleep(100 * time.Millisecond)
		if len(s.Nodes()) != 1 {
			t.Errorf("table %v, want one", s.Nodes())
		}
	})
}

// Responses that come while the caller has not yet looked at the first are
// dropped: the goroutine that reads waits for nobody.
func TestRepeatedResponse(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		key, reply, err := s.registerCall(n.Addr)
		if err != nil {
			t.Fatal(err)
		}
		handled := make(chan bool)
		go func() {
			defer close(handled)
			for _, name := range []string{"first", "second", "third"} {
				s.handle(n.Addr, response{kind: idReply, id: KeyID(name)}.encode(key.id))
			}
		}()
		synctest.Wait()
		select {
		case <-handled:
		default:
			t.Fatal("the second response waits for the caller")
		}
		if got := <-reply; got.err != nil || got.response.id != KeyID("first") {
			t.Errorf("got %+v, want the first", got)
		}
	})
}

// A peer may name as many contacts as it likes: no more than k count.
func TestResponseIsCut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serve(t, named("s", 0).Addr, Config{K: 3})
		n := named("peer", 1)
		many := make([]Node, 30)
		for i := range many {
			many[i] = named(fmt.Sprint(i), 10+i)
		}
		m.peer(t, n, honest(n.ID, many...))
		got, err := s.call(t.Context(), n.Addr, request{method: findNode, from: s.id}, 1, nil)
		if err != nil || !slices.Equal(got.nodes, many[:3]) {
			t.Errorf("got %v, %v, want the first 3", got.nodes, err)
		}
	})
}

// Whoever claims the node's own ID gets a pong, which tells it so, and nothing
// else: no list of contacts, no place for values.
func TestOwnIDIsNotServed(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		claim := Node{s.id, named("copy", 1).Addr}
		m.peer(t, claim, honest(s.id))
		s.recordPong(named("contact", 2))
		for method, want := range map[string]int{ping: 1, findNode: 0, findValue: 0, store: 0} {
			answers := 0
			m.watch(func(_, to netip.AddrPort, datagram []byte) {
				if to == claim.Addr && datagram[0] == responseByte {
					answers++
				}
			})
			s.handle(claim.Addr, request{method: method, from: s.id, target: KeyID("x"), value: []byte{1}}.encode(messageID{}))
			sleep(2 * time.Second)
			if answers != want || s.values.len() > 0 {
				t.Errorf("%s: %d answers, want %d; %d values", method, answers, want, s.values.len())
			}
		}
	})
}

// A second node under this one's ID is worth one warning; this node's own
// address, given to it as a seed, is worth none.
func TestOwnIDWarning(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.serve(t, named("s", 0).Addr, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
		warnings := func() int { return strings.Count(log.String(), "another node uses the ID") }
		if n, err := s.Ping(t.Context(), s.Self().Addr); err != nil || n != s.Self() {
			t.Errorf("got %v, %v, want itself", n, err)
		}
		if got := warnings(); got != 0 {
			t.Errorf("%d warnings of itself:\n%s", got, &log)
		}
		var calls sync.WaitGroup
		calls.Go(func() { s.Ping(context.Background(), named("silent", 2).Addr) })
		synctest.Wait() // a call waits for its answer, but not for this request's
		for i := range 10 {
			s.handle(named("copy", 1).Addr, request{method: findNode, from: s.id}.encode(messageID{byte(i)}))
		}
		if got := warnings(); got != 1 {
			t.Errorf("%d warnings of another, want 1:\n%s", got, &log)
		}
		calls.Wait()
	})
}

// A node of the Internet is not told of contacts in private networks, nor a
// node of those of what runs on this machine.
func TestReplyRelayRule(t *testing.T) {
	addrs := []string{"9.9.9.9:1", "10.0.0.9:1", "127.0.0.1:1"}
	for from, want := range map[string][]string{
		"8.8.8.8:1":   addrs[:1],
		"10.0.0.1:1":  addrs[:2],
		"127.0.0.1:2": addrs,
	} {
		t.Run(from, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				s := m.serveNamed(t, "s", 0)
				for _, addr := range addrs {
					s.recordPong(Node{KeyID(addr), netip.MustParseAddrPort(addr)})
				}
				var got []string
				for _, n := range s.carryOut(netip.MustParseAddrPort(from), request{method: findNode}).nodes {
					got = append(got, n.Addr.String())
				}
				slices.SortFunc(got, func(a, b string) int { return slices.Index(addrs, a) - slices.Index(addrs, b) })
				if !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		})
	}
}

// 200 calls at a time, to peers that answer late, early, or never.
func TestManyCalls(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		var calls sync.WaitGroup
		for i := 1; i <= 200; i++ {
			n := named(fmt.Sprint(i), i)
			delay := time.Duration(i) * 10 * time.Millisecond
			m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
				time.Sleep(delay)
				return honest(n.ID)(from, id, q)
			})
			calls.Go(func() {
				start := time.Now()
				got, err := s.Ping(t.Context(), n.Addr)
				took := time.Since(start)
				switch {
				case delay <= 800*time.Millisecond && (err != nil || got != n):
					t.Errorf("after %v: got %v, %v", delay, got, err)
				case delay >= time.Second && (!errors.Is(err, ErrTimeout) || took != time.Second):
					t.Errorf("after %v: got %v, %v in %v, want ErrTimeout in 1 s", delay, got, err, took)
				}
			})
		}
		calls.Wait()
	})
}

// A full bucket keeps a contact that answers, and replaces one that does not.
func TestFullBucket(t *testing.T) {
	old, newcomer := Node{ID{0x80}, named("", 1).Addr}, Node{ID{0x81}, named("", 2).Addr}
	for _, tt := range []struct {
		oldAlive, newAlive bool
		want               []Node
	}{
		{true, true, []Node{old}},
		{true, false, []Node{old}},
		{false, true, []Node{newcomer}},
		{false, false, []Node{}},
	} {
		t.Run(fmt.Sprintf("old %v, new %v", tt.oldAlive, tt.newAlive), func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				s := m.serve(t, named("s", 0).Addr, Config{ID: ID{1}, K: 1})
				for n, alive := range map[Node]bool{old: tt.oldAlive, newcomer: tt.newAlive} {
					if alive {
						m.peer(t, n, honest(n.ID))
					}
				}
				s.recordPong(old)
				s.recordPong(newcomer)
				if got := s.Nodes(); !slices.Equal(got, []Node{old}) {
					t.Errorf("at first %v, want %v", got, old)
				}
				sleep(10 * time.Minute)
				if got := s.Nodes(); !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// All methods may be called at once, by anybody.
func TestConcurrentUse(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var servers []*Server
		for i := range 10 {
			servers = append(servers, m.serveNamed(t, fmt.Sprint(i), i))
		}
		var users sync.WaitGroup
		for i, s := range servers {
			next := servers[(i+1)%len(servers)].Self()
			for j := range 4 {
				users.Go(func() {
					key := fmt.Sprint("key ", i, j)
					err := errors.Join(
						s.Bootstrap(t.Context(), next.Addr),
						s.Store(t.Context(), key, "value"),
					)
					_, err2 := s.Lookup(t.Context(), KeyID(key))
					_, err3 := s.FindValue(t.Context(), key)
					_, err4 := s.Ping(t.Context(), next.Addr)
					if err := errors.Join(err, err2, err3, err4); err != nil {
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
		s, err := Serve(conn, Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c := m.serveNamed(t, "c", 1)
		if _, err := c.Ping(t.Context(), s.Self().Addr); err != nil {
			t.Error(err)
		}
	})
	bubble(t, func(t *testing.T, m *memNet) { // it does not spin, and still closes
		conn := &flaky{memConn: m.listen(named("s", 0).Addr), failures: 1 << 30}
		s, err := Serve(conn, Config{})
		if err != nil {
			t.Fatal(err)
		}
		sleep(10 * time.Second)
		s.Close()
		if conn.reads > 1100 {
			t.Errorf("%d reads in 10 s", conn.reads)
		}
	})
}

// deaf is a socket that cannot send.
type deaf struct{ *memConn }

func (deaf) WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error) {
	return 0, errors.New("network is unreachable")
}

func TestWriteErrors(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s, err := Serve(deaf{m.listen(named("s", 0).Addr)}, Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Ping(t.Context(), named("c", 1).Addr); err == nil || errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want the socket's error", err)
		}
		c := m.serveNamed(t, "c", 1)
		if _, err := c.Ping(t.Context(), s.Self().Addr); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
	})
}

// Close ends lookups and calls at once, whoever waits for them.
func TestClose(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// A cancelled call ends at once and leaves nothing behind.
func TestCancel(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		sleep(5 * time.Second) // until the refresh after joining is over
		p.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		if _, err := s.Lookup(ctx, KeyID("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
		if len(s.pending) > 0 || s.table.buckets[s.id.CommonPrefix(n.ID)].contacts[0].strikes > 0 {
			t.Error("the cancelled call left a trace")
		}
		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := s.Bootstrap(ctx, named("nobody", 2).Addr); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("bootstrap: got %v, want the context's error", err)
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

// The log tells of peers found and lost, and of each kind of nonsense once a
// minute, however much of it arrives.
func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		handler := slog.NewTextHandler(&log, nil)
		s := m.serve(t, named("s", 0).Addr, Config{Log: slog.New(handler)})
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		for range 3 {
			for range 1000 {
				s.handle(n.Addr, []byte("nonsense"))
				s.handle(netip.AddrPortFrom(n.Addr.Addr(), 0), request{method: ping}.encode(messageID{}))
			}
			sleep(time.Minute)
		}
		p.Close()
		sleep(time.Minute)
		s.Close()
		for text, want := range map[string]int{
			`level=INFO msg="peer found" peer=10.0.0.2:5678`:                  1,
			`level=INFO msg="peer lost" peer=10.0.0.2:5678`:                   1,
			`level=WARN msg="datagram ignored" cause="not a message" peer=10`: 3,
			`level=WARN msg="datagram ignored" cause="address of no node" pe`: 3,
		} {
			if got := strings.Count(log.String(), text); got != want {
				t.Errorf("%d times %s, want %d:\n%s", got, text, want, &log)
			}
		}
	})
}

// One address that changes its ID all the time is a peer found and lost each
// time, and some lines of log in all.
func TestLogOfChangingIDs(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.serve(t, named("s", 0).Addr, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
		var changes atomic.Int64
		claimed := func() ID { return KeyID(fmt.Sprint(changes.Load())) }
		p := m.peer(t, named("", 1), func(from netip.AddrPort, id messageID, q request) [][]byte {
			return honest(claimed())(from, id, q)
		})
		for range 1000 {
			changes.Add(1)
			p.send(t, s.Self().Addr, request{method: ping, from: claimed()}.encode(messageID{}))
			sleep(300 * time.Millisecond)
		}
		s.Close()
		if lines := strings.Count(log.String(), "\n"); lines > 500 {
			t.Errorf("%d lines of log for 1000 datagrams, the last: %s", lines, log.String()[log.Len()-200:])
		}
	})
}

var _ Conn = (*net.UDPConn)(nil)
