package kademlia

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

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

		s := m.start(t, named("s", 0), Config{K: k})
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
		s := m.start(t, named("s", 0), Config{})
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

// In Python a node that timed out comes back with the next reply that names it,
// and ends in the result.
func TestDeadNodesStayOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		dead := named("dead", 50)
		var live []Node
		for i := 1; i <= 10; i++ {
			live = append(live, named(fmt.Sprint(i), i))
		}
		for _, n := range live {
			m.peer(t, n, honest(n.ID, append(live, dead)...))
		}
		s := m.start(t, named("s", 0), Config{})
		mustBootstrap(t, s, live[0].Addr)
		got, err := s.Lookup(t.Context(), dead.ID)
		if err != nil || len(got) != len(live) || slices.Contains(got, dead) {
			t.Errorf("got %v, %v, want the %d live", got, err, len(live))
		}
	})
}

// Asked for an ID, a node names the one that has it. Python's leaves it out.
func TestNodeIsFoundByID(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		hub := m.start(t, named("hub", 0), Config{})
		a, b := m.start(t, named("a", 1), Config{}), m.start(t, named("b", 2), Config{})
		mustBootstrap(t, a, hub.Self().Addr)
		p, err := b.call(t.Context(), hub.Self().Addr, request{method: findNode, from: b.id, target: a.id}, 1, nil)
		if err != nil || !slices.Equal(p.nodes, []Node{a.Self()}) {
			t.Errorf("got %v, %v, want %v", p.nodes, err, a.Self())
		}
	})
}

// A Python lookup waits 5 s for each silent node, one after another.
func TestSilentNodesDontStall(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		var all []Node
		for i := 1; i <= 19; i++ {
			all = append(all, named(fmt.Sprint(i), i))
		}
		for i, n := range all {
			if i%2 == 0 {
				m.peer(t, n, honest(n.ID, all...))
			}
		}

		mustBootstrap(t, s, all[0].Addr)
		start := time.Now()
		got, err := s.Lookup(t.Context(), KeyID("x"))
		if err != nil || len(got) != 10 {
			t.Errorf("got %v, %v, want the 10 live", got, err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("with 9 of 19 silent it took %v", took)
		}
	})
}

// In Python one lost datagram evicts a contact.
func TestOneLossEvictsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		sent := map[messageID]bool{}
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if !sent[id] { // the first answer to each request is lost
				sent[id] = true
				return nil
			}

			return honest(n.ID)(from, id, q)
		})

		mustBootstrap(t, s, n.Addr)
		for i := range 20 {
			if got, err := s.Lookup(t.Context(), KeyID(fmt.Sprint(i))); err != nil || !slices.Equal(got, []Node{n}) {
				t.Errorf("lookup %d: got %v, %v", i, got, err)
			}
		}

		if !slices.Contains(s.Nodes(), n) {
			t.Error("the contact was evicted")
		}
	})
}

// A malformed reply counts as none. In Python it raises out of get, set and
// bootstrap.
func TestMalformedReplies(t *testing.T) {
	for name, payload := range map[string]string{
		"int":            "\x05",
		"str":            "\xa3abc",
		"odd contact":    "\x91\x93\x01\x02\x03",
		"no value":       "\x81\xa4nope\x01",
		"list as value":  "\x81\xa5value\x91\x01",
		"nil":            "\xc0",
		"true":           "\xc3",
		"trailing bytes": "\x90\x90",
		"cut off":        "\xdc\x00\x14\x93",
		"cut off value":  "\x81\xa5value\xcd\x01",
		"cut off bytes":  "\xc5\x01",
		"4e9 contacts":   "\xdd\xff\xff\xff\xff",
		"4 GB of bytes":  "\xc6\xff\xff\xff\xff",
		"4 GB of str":    "\xdb\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				s := m.start(t, named("s", 0), Config{})
				good, bad := named("good", 1), named("bad", 2)
				m.peer(t, good, honest(good.ID))
				m.peer(t, bad, func(from netip.AddrPort, id messageID, q request) [][]byte {
					if q.method == ping {
						return honest(bad.ID)(from, id, q)
					}
					return [][]byte{append(append([]byte{responseByte}, id[:]...), payload...)}
				})
				mustBootstrap(t, s, bad.Addr, good.Addr)
				mustBootstrap(t, s)
				want := []Node{good}
				if got, err := s.Lookup(t.Context(), KeyID("x")); err != nil || !slices.Equal(got, want) {
					t.Errorf("got %v, %v, want %v", got, err, want)
				}
				if got, err := s.FindValue(t.Context(), "x"); !errors.Is(err, ErrNotFound) {
					t.Errorf("got %q, %v, want ErrNotFound", got, err)
				}
				if err := s.Store(t.Context(), "x", "y"); err != nil {
					t.Errorf("store: %v", err)
				}
			})
		})
	}
}

// A peer that always names nearer ones keeps a lookup going until Python's stack
// is exhausted. Here the lookup's cap ends it.
func TestEndlessLookupEnds(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		target := KeyID("target")
		var mu sync.Mutex // guards the counts
		requests, started := 0, 0
		var liar func(n Node)
		liar = func(n Node) {
			m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
				if q.method == ping {
					return honest(n.ID)(from, id, q)
				}
				mu.Lock()
				defer mu.Unlock()
				requests++
				var nearer []Node
				for range 20 { // each nearer than any before, and alive
					started++
					id := target
					d := 1<<20 - started
					id[17], id[18], id[19] = id[17]^byte(d>>16), id[18]^byte(d>>8), id[19]^byte(d)
					nearer = append(nearer, testNode(id, started+1))
					liar(nearer[len(nearer)-1])
				}
				return honest(n.ID, nearer...)(from, id, q)
			})
		}

		liar(named("first", 1))
		dontRefresh(s)
		s.recordPong(named("first", 1))
		if _, err := s.Lookup(t.Context(), target); err != nil {
			t.Error(err)
		}
		if limit := 200; requests != limit {
			t.Errorf("%d requests, want the limit, %d", requests, limit)
		}
	})
}

// Ten peers name so many nearer ones that those which were asked with them are
// crowded out before they have answered. The lookup goes on, and ends.
func TestCrowdedLookupEnds(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		target := KeyID("target")
		near := func(d int) Node { // at distance d from target
			id := target
			id[18] ^= byte(d >> 8)
			id[19] ^= byte(d)
			return testNode(id, 10+d)
		}

		var mu sync.Mutex // guards nearest
		nearest := 1000
		var crowd []Node
		for i := range 20 {
			n := near(1000 + i)
			crowd = append(crowd, n)
			m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
				var nearer []Node
				switch {
				case i >= 13:
					return nil
				case i >= 3: // after the first three, alpha, have opened the places for all
					time.Sleep(200 * time.Millisecond)
					mu.Lock()
					defer mu.Unlock()
					for range 20 {
						nearest--
						nearer = append(nearer, near(nearest))
					}
				}
				return honest(n.ID, nearer...)(from, id, q)
			})
		}

		first := named("first", 1)
		m.peer(t, first, honest(first.ID, crowd...))
		s := m.start(t, named("s", 0), Config{})
		s.recordPong(first)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		got, err := s.Lookup(ctx, target)
		if err != nil {
			t.Fatal(err)
		}
		if want := append(slices.Clone(crowd[:13]), first); !slices.Equal(got, want) {
			t.Errorf("got %v, want the %d that answered", got, len(want))
		}
	})
}

// What ends a call from outside says nothing about the node that was asked.
func TestStrikesAreTheNodes(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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
	l.add(Node{at(1).ID, at(7).Addr}, 2) // a second address of one node: the first may be a liar's
	l.add(Node{at(2).ID, at(8).Addr}, 2)
	if got, want := l.states(), "1f 1u 2a 2u 3u 4u 5u 6u"; got != want || l.candidates[3].Addr != at(8).Addr {
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
