package kademlia

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// at returns a node at distance d from the zero ID.
func at(d byte) Node {
	var id ID
	id[len(id)-1] = d
	return testNode(id, int(d))
}

func (l *lookup) states() string {
	var b strings.Builder
	for _, c := range l.candidates {
		fmt.Fprintf(&b, "%d%c ", c.ID[len(c.ID)-1], "uwdaf"[c.state])
	}
	return strings.TrimSpace(b.String())
}

// Candidates stay in the order of distance, once each, in whatever order they
// come; one that has failed does not come back.
func TestLookupCandidates(t *testing.T) {
	l := &lookup{self: at(9).ID, k: 3, alpha: 2}
	for _, d := range []byte{5, 3, 9, 4, 3, 1, 5, 2} {
		l.add(at(d), 1)
	}
	if got, want := l.states(), "1u 2u 3u 4u 5u"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	l.add(Node{at(8).ID, at(3).Addr}, 1) // a second node at one address
	l.add(Node{at(3).ID, at(8).Addr}, 1) // a second address of one node
	for _, want := range []Node{at(1), at(2)} {
		if got, ok := l.next(); !ok || got != want {
			t.Fatalf("got %v, %v, want %v", got, ok, want)
		}
	}
	if n, ok := l.next(); ok {
		t.Fatalf("%v is a third request, alpha is 2", n)
	}
	l.setState(at(1), failed)
	l.addAnswer(at(2), []Node{at(1), at(6)})
	if got, want := l.states(), "1f 2a 3u 4u 5u 6u"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	l.add(Node{at(1).ID, at(7).Addr}, 2) // where it may be alive after all
	if got, want := l.states(), "1u 1f 2a 3u 4u 5u 6u"; got != want || l.candidates[0].Addr != at(7).Addr {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestLookupBounded(t *testing.T) {
	l := &lookup{self: at(0).ID, k: 2, alpha: 2}
	for d := byte(255); d > 0; d-- {
		l.add(at(d), 1)
	}
	if got, want := len(l.candidates), lookupCap*l.k; got != want || l.candidates[0].Node != at(1) {
		t.Errorf("got %d candidates, want the nearest %d: %s", got, want, l.states())
	}
}

// However many nearer nodes are named, those that were asked stay: the ones
// that wait give their places back, the ones that answered are in the result,
// and the ones that failed are not asked again.
func TestLookupKeepsTheAsked(t *testing.T) {
	l := &lookup{self: at(0).ID, k: 3, alpha: 3}
	for d := byte(250); d <= 252; d++ {
		l.add(at(d), 1)
		l.next()
	}
	l.addAnswer(at(250), nil)
	l.setState(at(251), failed)
	for d := byte(1); d <= 200; d++ {
		l.add(at(d), 2)
	}
	l.add(at(251), 2)
	if got, want := l.states(), "27u 250a 251f 252w"; len(l.candidates) != lookupCap*l.k || !strings.HasSuffix(got, want) {
		t.Errorf("got %d candidates, %s, want %d that end in %s", len(l.candidates), got, lookupCap*l.k, want)
	}
	l.setState(at(252), failed)
	for n, ok := l.next(); ok; n, ok = l.next() {
		l.setState(n, failed)
	}
	if l.waiting > 0 || !l.done() {
		t.Errorf("%d places stay taken, done %v: %s", l.waiting, l.done(), l.states())
	}
	if got, want := l.result(), []Node{at(250)}; !slices.Equal(got, want) {
		t.Errorf("result %v, want %v", got, want)
	}
}

// A silent node gives its place away, but its answer still counts; alpha
// answers in a row that bring nothing nearer open k places.
func TestLookupPlaces(t *testing.T) {
	l := &lookup{self: at(99).ID, k: 6, alpha: 2}
	for d := range byte(10) {
		l.add(at(d+1), 1)
	}
	next := func(want ...byte) {
		t.Helper()
		for _, d := range want {
			if n, ok := l.next(); !ok || n != at(d) {
				t.Fatalf("got %v, %v, want %d: %s", n, ok, d, l.states())
			}
		}
		if n, ok := l.next(); ok {
			t.Fatalf("got %v, want none: %s", n, l.states())
		}
	}
	next(1, 2)
	l.setState(at(1), delayed)
	next(3)
	l.addAnswer(at(2), nil)
	next(4)
	l.addAnswer(at(1), nil) // the second fruitless answer
	next(5, 6)              // k places, but only the k nearest are asked
	if l.done() {
		t.Error("done with four to wait for")
	}
	l.setState(at(3), failed) // so 7 is among the nearest
	next(7)
	for _, d := range []byte{4, 5, 6, 7} {
		l.addAnswer(at(d), nil)
	}
	if n, ok := l.next(); ok || !l.done() {
		t.Errorf("got %v, done %v", n, l.done())
	}
	if got, want := l.states(), "1a 2a 3f 4a 5a 6a 7a 8u 9u 10u"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := l.result(); len(got) != l.k || got[0] != at(1) || got[5] != at(7) {
		t.Errorf("result %v", got)
	}
}

// A silent node gives its place away once, not again when it fails or answers.
func TestLookupSlowGivesOnePlace(t *testing.T) {
	for name, settle := range map[string]func(l *lookup, n Node){
		"fails":   func(l *lookup, n Node) { l.setState(n, failed) },
		"answers": func(l *lookup, n Node) { l.addAnswer(n, nil) },
	} {
		l := &lookup{self: at(99).ID, k: 6, alpha: 2}
		for d := range byte(10) {
			l.add(at(d+1), 1)
		}
		l.next()
		l.next()
		l.setState(at(1), delayed)
		l.next()
		settle(l, at(1))
		if n, ok := l.next(); ok {
			t.Errorf("%s: got %v, want none, two wait: %s", name, n, l.states())
		}
	}
}

// What ends a call from outside says nothing about the node that was asked.
func TestStrikesAreTheNodes(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		s.recordPong(n)
		strikes := func() int { return s.table.buckets[s.id.CommonPrefix(n.ID)].contacts[0].strikes }
		for _, tt := range []struct {
			err  error
			want int
		}{{ErrClosed, 0}, {context.Canceled, 0}, {context.DeadlineExceeded, 0}, {ErrTimeout, 1}, {errMalformed, 1}} {
			s.recordPong(n)
			s.recordOutcome(&lookup{}, outcome{node: n, err: fmt.Errorf("wrapped: %w", tt.err)})
			if got := strikes(); got != tt.want {
				t.Errorf("%v: %d strikes, want %d", tt.err, got, tt.want)
			}
		}
	})
}

// A node keeps what it stores only if it is among the k nearest to the key.
func TestStoreKeepsOwnShare(t *testing.T) {
	for _, far := range []bool{true, false} {
		bubble(t, func(t *testing.T, m *memNet) {
			self, other := KeyID("key"), KeyID("key")
			self[0] ^= 0x40
			other[0] ^= 0x80
			if far {
				self, other = other, self
			}
			s := m.serve(t, named("s", 0).Addr, Config{ID: self, K: 1})
			n := Node{other, named("n", 1).Addr}
			m.peer(t, n, honest(n.ID))
			s.recordPong(n)
			if err := s.Store(t.Context(), "key", "value"); err != nil {
				t.Fatal(err)
			}
			if got, want := s.values.len() == 1, !far; got != want {
				t.Errorf("farther %v: kept %v, want %v", far, got, want)
			}
		})
	}
}

// A lookup finds the k nearest of all nodes, nearest first, each once, though
// no node of this network knows more than a part of it.
func TestLookupCanned(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		const k = 5
		nodes := make([]Node, 200)
		for i := range nodes {
			nodes[i] = named(fmt.Sprint("canned", i), i+1)
		}
		for _, n := range nodes {
			table := NewTable(n.ID, k)
			for _, other := range nodes {
				table.RecordAnswer(other, epoch)
			}
			if table.Len() > len(nodes)/4 {
				t.Fatalf("table of %d", table.Len())
			}
			m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
				return honest(n.ID, table.Closest(q.target, k)...)(from, id, q)
			})
		}
		s := m.serve(t, named("s", 0).Addr, Config{K: k})
		mustBootstrap(t, s, nodes[0].Addr)
		for i := range 50 {
			target := KeyID(fmt.Sprint("target", i))
			got, err := s.Lookup(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(nodes, func(a, b Node) int { return compareDistance(target, a.ID, b.ID) })
			if want := nodes[:k]; !slices.Equal(got, want) {
				t.Errorf("target %d: got %v, want %v", i, got, want)
			}
		}
	})
}

func TestLookupEmpty(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		if got, err := s.Lookup(t.Context(), KeyID("x")); !errors.Is(err, ErrNoContacts) || got != nil {
			t.Errorf("got %v, %v, want ErrNoContacts", got, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Lookup(ctx, KeyID("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
}

// Contacts that make no sense at the other end of the line are not asked.
func TestLookupRelayRule(t *testing.T) {
	tests := []struct {
		from  string
		named map[string]bool
	}{
		{"8.8.8.8:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": false, "127.0.0.1:1": false, "[fe80::1]:1": false}},
		{"10.0.0.1:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": true, "127.0.0.1:1": false}},
		{"127.0.0.1:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": true, "127.0.0.2:1": true}},
	}
	for _, tt := range tests {
		t.Run(tt.from, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				asked := map[string]bool{}
				m.watch(func(_, to netip.AddrPort, _ []byte) { asked[to.String()] = true })
				var nodes []Node
				for addr := range tt.named {
					nodes = append(nodes, Node{KeyID(addr), netip.MustParseAddrPort(addr)})
				}
				n := Node{KeyID("peer"), netip.MustParseAddrPort(tt.from)}
				m.peer(t, n, honest(n.ID, nodes...))
				s := m.serveNamed(t, "s", 0)
				mustBootstrap(t, s, n.Addr)
				sleep(time.Second)
				for addr, want := range tt.named {
					if asked[addr] != want {
						t.Errorf("%s asked: %v, want %v", addr, asked[addr], want)
					}
				}
			})
		})
	}
}

func TestStoreFindValue(t *testing.T) {
	check := func(t *testing.T, a, b *Server) {
		if err := b.Bootstrap(t.Context(), a.Self().Addr); err != nil {
			t.Fatal(err)
		}
		if _, err := b.FindValue(t.Context(), "key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		for _, value := range []string{"value", "another", "", strings.Repeat("m", 8137)} {
			if err := b.Store(t.Context(), "key", value); err != nil {
				t.Fatal(err)
			}
			for _, s := range []*Server{a, b} {
				s.mu.Lock()
				stored, _ := s.values.get(KeyID("key"), time.Now())
				s.mu.Unlock()
				if !strings.HasSuffix(string(stored), value) {
					t.Errorf("stored %x, want %q", stored, value)
				}
				if got, err := s.FindValue(t.Context(), "key"); err != nil || got != value {
					t.Errorf("got %q, %v, want %q", got, err, value)
				}
			}
			b.mu.Lock()
			b.values.remove(KeyID("key")) // so that it must ask
			b.mu.Unlock()
			if got, err := b.FindValue(t.Context(), "key"); err != nil || got != value {
				t.Errorf("asked: got %q, %v, want %q", got, err, value)
			}
		}
		if err := b.Store(t.Context(), "key", strings.Repeat("m", 8138)); !errors.Is(err, ErrTooLong) {
			t.Errorf("got %v, want ErrTooLong", err)
		}
		a.mu.Lock()
		a.values.put(KeyID("number"), []byte{7}, time.Now())
		a.mu.Unlock()
		if got, err := b.FindValue(t.Context(), "number"); err == nil {
			t.Errorf("a number reads as %q", got)
		}
	}
	t.Run("UDP", func(t *testing.T) { check(t, listen(t, Config{}), listen(t, Config{})) })
	t.Run("memory", func(t *testing.T) {
		bubble(t, func(t *testing.T, m *memNet) {
			check(t, m.serveNamed(t, "a", 0), m.serveNamed(t, "b", 1))
		})
	})
}

func TestCache(t *testing.T) {
	c := newCache[int, string](6, time.Hour)
	has := func(key int, after time.Duration) bool {
		got, ok := c.get(key, epoch.Add(after))
		if ok && got != fmt.Sprint("value ", key) {
			t.Errorf("%d: got %q", key, got)
		}
		return ok
	}
	for i := range 20 {
		c.put(i, fmt.Sprint("value ", i), epoch.Add(time.Duration(i)*time.Minute))
		if c.len() > 6 {
			t.Fatalf("%d entries, want 6 at most", c.len())
		}
		for j := range 20 {
			if newest := j <= i && j > i-3; newest && !has(j, 20*time.Minute) || j > i && has(j, 0) {
				t.Errorf("after %d: has %d: %v", i, j, !newest)
			}
		}
	}
	if has(0, 0) || has(13, 0) {
		t.Error("the oldest are still there")
	}
	if !has(19, 78*time.Minute) || has(19, 79*time.Minute) {
		t.Error("an entry lives for something else than an hour")
	}
	c.put(19, "value 19", epoch.Add(time.Hour)) // renewed
	if !has(19, 119*time.Minute) {
		t.Error("a renewed entry died of its old age")
	}
	c.put(20, "value 20", epoch)
	for range 10 { // when there is room for no more in the younger half
		c.put(19, "value 19", epoch.Add(time.Hour))
	}
	for i := 17; i < 20; i++ {
		if !has(i, 20*time.Minute) {
			t.Errorf("renewing one entry forgot %d", i)
		}
		c.remove(i) // whatever generation it is in
		if has(i, 20*time.Minute) {
			t.Errorf("%d removed, and still there", i)
		}
	}
}
