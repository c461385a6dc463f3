package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A response counts once, from the address that was asked, with the message
// ID of the request.
func TestResponseMatching(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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
		s := m.start(t, named("s", 0), Config{})
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
		s := m.start(t, named("s", 0), Config{})
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
		s := m.start(t, named("s", 0), Config{K: 3})
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

// 200 calls at a time, to peers that answer late, early, or never.
func TestManyCalls(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// A cancelled call ends at once and leaves nothing behind.
func TestCancel(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// Without randomness there are no message IDs; the node says so, and lives on.
func TestNoRandomness(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{Rand: bytes.NewReader(make([]byte, 50))})
		n := named("peer", 1)
		m.peer(t, n, honest(n.ID))
		var err error
		for range 3 {
			_, err = s.Ping(context.Background(), n.Addr)
		}
		if err == nil || errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want the source's error", err)
		}
		sleep(time.Minute)
	})
}

// deaf is a socket that cannot send.
type deaf struct{ *memConn }

func (deaf) WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error) {
	return 0, errors.New("network is unreachable")
}

func TestWriteErrors(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := serveOn(t, deaf{m.listen(named("s", 0).Addr)}, Config{})
		if _, err := s.Ping(t.Context(), named("c", 1).Addr); err == nil || errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want the socket's error", err)
		}
		c := m.start(t, named("c", 1), Config{})
		if _, err := c.Ping(t.Context(), s.Self().Addr); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
	})
}
