package kademlia

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A seed that cannot be reached is an error, and asked again. In Python it is an
// empty list after 5 s, no error, and never asked again.
func TestSeedsAreRetried(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		seed, other := named("seed", 1), named("other seed", 2)
		start := time.Now()
		if err := s.Bootstrap(t.Context(), seed.Addr, other.Addr, s.Self().Addr); !errors.Is(err, ErrNoContacts) {
			t.Errorf("got %v, want ErrNoContacts", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}

		// One of them comes up.
		sleep(5 * time.Second)
		p := m.peer(t, seed, honest(seed.ID))
		sleep(10 * time.Second)
		if got, want := s.Nodes(), []Node{seed}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}

		// All is lost for an hour; then the seed is there again, as a new node.
		p.Close()
		sleep(time.Hour)
		if got := s.Nodes(); len(got) > 0 {
			t.Fatalf("an hour after the last node left: %v", got)
		}
		reborn := Node{KeyID("reborn"), seed.Addr}
		m.peer(t, reborn, honest(reborn.ID))
		sleep(maxJoinPause + 5*time.Second)
		if got, want := s.Nodes(), []Node{reborn}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}

		// The other seed comes up, and is found although the table is not empty.
		m.peer(t, other, honest(other.ID))
		sleep(maxJoinPause + 5*time.Second)
		if got := s.Nodes(); !slices.Contains(got, other) {
			t.Errorf("got %v, want %v among them", got, other)
		}
	})
}

// A dead seed among live ones costs nothing. In Python all wait for it.
func TestDeadSeedCostsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("seed", 1)
		m.peer(t, n, honest(n.ID))
		start := time.Now()
		mustBootstrap(t, s, named("dead", 2).Addr, n.Addr)
		if took := time.Since(start); took > 300*time.Millisecond {
			t.Errorf("took %v, want two round trips", took)
		}
	})
}

// A node that is its own seed, and answers itself first, waits for the others.
func TestOwnAddressIsNotEnough(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("slow", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			time.Sleep(200 * time.Millisecond)
			return honest(n.ID)(from, id, q)
		})
		mustBootstrap(t, s, s.Self().Addr, n.Addr)
		if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// A node that loses its last contact asks the seeds at once, however long it has
// not needed them. A seed counts once, however often it is given.
func TestSeedsAreAskedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{Rand: newRand(1)})
		n := named("seed", 1)
		m.peer(t, n, honest(n.ID))
		mapped := netip.AddrPortFrom(netip.AddrFrom16(n.Addr.Addr().As16()), n.Addr.Port())
		for _, seed := range []netip.AddrPort{n.Addr, n.Addr, mapped} {
			mustBootstrap(t, s, seed)
		}
		s.mu.Lock()
		if len(s.seeds) != 1 {
			t.Errorf("seeds %v, want one", s.seeds)
		}
		s.mu.Unlock()
		sleep(time.Hour)
		for range maxStrikes {
			s.recordFailure(n)
		}
		if got := s.Nodes(); len(got) > 0 {
			t.Fatalf("got %v, want none", got)
		}
		sleep(joinPause + 500*time.Millisecond)
		if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
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
				s := m.start(t, Node{ID{1}, named("s", 0).Addr}, Config{K: 1})
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

// A contact that answers moves to the end of its bucket, and one that has moved is
// found at its new address. Python never moves a known contact, so one is pinged
// for ever, and never updates it, so a new address is ignored.
func TestContactsAreRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		pings := map[netip.AddrPort]int{}
		var peers []*peer
		for i := 1; i <= 5; i++ {
			n := named(fmt.Sprint(i), i)
			peers = append(peers, m.peer(t, n, honest(n.ID)))
			mustBootstrap(t, s, n.Addr)
		}

		s.mu.Lock()
		s.seeds = nil
		s.mu.Unlock()
		m.watch(func(_, to netip.AddrPort, datagram []byte) {
			if datagram[0] == requestByte {
				pings[to]++
			}
		})

		sleep(10 * time.Minute)
		for _, p := range peers {
			if got := pings[p.Addr]; got < 8 || got > 20 {
				t.Errorf("%v got %d of 60 pings", p.Addr, got)
			}
		}

		peers[0].Close()
		moved := Node{peers[0].ID, testNode(ID{}, 99).Addr}
		p := m.peer(t, moved, honest(moved.ID))
		p.send(t, s.Self().Addr, request{method: ping, from: moved.ID}.encode(messageID{}))
		sleep(3 * time.Second)
		if nodes := s.Nodes(); !slices.Contains(nodes, moved) {
			t.Errorf("got %v, want %v among them", nodes, moved)
		}
		sleep(5 * time.Minute)
		if nodes := s.Nodes(); !slices.Contains(nodes, moved) || len(nodes) != 5 {
			t.Errorf("got %v, want %v instead of %v", nodes, moved, peers[0].Addr)
		}
	})
}

// In Python a node restarted under new IDs stands in tables once for each.
func TestRestartsLeaveOneContact(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		var last Node
		for i := range 5 {
			last = Node{KeyID(fmt.Sprint(i)), named("", 1).Addr}
			p := m.start(t, last, Config{})
			mustBootstrap(t, p, s.Self().Addr)
			sleep(time.Second)
			p.Close()
		}

		if got, want := s.Nodes(), []Node{last}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// A contact that answers each ping with our own ID is none of ours: it leaves
// like a silent one.
func TestContactWithOwnIDLeaves(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("mirror", 1)
		m.peer(t, n, honest(s.id))
		s.recordPong(n)
		sleep(5 * time.Minute)
		if got := s.Nodes(); len(got) > 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

// Once a contact is silent it is asked again soon, not at the next turn: a dead
// one leaves within 35 s of its last answer.
func TestDeadContactLeavesSoon(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{Rand: newRand(1)})
		s.recordPong(named("dead", 1))
		sleep(35 * time.Second)
		if got := s.Nodes(); len(got) > 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

// A node that left and came back enters the table with its first request.
func TestReturnOfAContact(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		s.recordPong(n) // but nobody is there
		sleep(5 * time.Minute)
		if got := s.Nodes(); len(got) > 0 {
			t.Fatalf("got %v, want none", got)
		}
		p := m.peer(t, n, honest(n.ID))
		for _, what := range []string{"evicted", "proven when there was no room"} {
			p.send(t, s.Self().Addr, request{method: findNode, from: n.ID}.encode(messageID{}))
			sleep(time.Second)
			if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", what, got, want)
			}
			s.mu.Lock()
			s.table = NewTable(s.id, s.k)
			s.mu.Unlock()
		}
	})
}

// PingAnew comes from another ID each time, and never from the node's own.
func TestPingAnew(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		b := named("b", 2)
		seen := make(map[ID]bool)
		m.peer(t, b, func(from netip.AddrPort, id messageID, q request) [][]byte {
			seen[q.from] = true
			return honest(b.ID)(from, id, q)
		})

		a := m.start(t, named("a", 1), Config{})
		for range 2 {
			a.PingAnew(b.Addr)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if len(seen) != 2 || seen[a.id] {
			t.Errorf("the peer saw the IDs %v, want two that are not %v", seen, a.id)
		}
	})
}

// knows reports whether s has a contact that is other, and answers.
func (s *Server) knows(other *Server) bool { return slices.Contains(s.Nodes(), other.Self()) }

// An outage heals: two nodes met through a third, which is gone for good. The
// cable between them is out, and then it is not: they find each other again.
func TestOutageHeals(t *testing.T) {
	for _, outage := range []time.Duration{30 * time.Second, time.Hour} {
		t.Run(outage.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				a := m.start(t, named("a", 0), Config{})
				b, c := m.start(t, named("b", 1), Config{}), m.start(t, named("c", 2), Config{})
				mustBootstrap(t, b, a.Self().Addr)
				mustBootstrap(t, c, a.Self().Addr)
				sleep(10 * time.Second)
				if !b.knows(c) || !c.knows(b) {
					t.Fatal("b and c have not met")
				}

				a.Close()
				m.setCut(func(_, _ netip.AddrPort) bool { return true })
				sleep(outage)
				if outage > time.Minute && (b.knows(c) || c.knows(b)) {
					t.Error("b and c count on each other though nobody answers")
				}
				m.setCut(nil)
				sleep(tryStaleEvery + 2*checkEvery)
				if !b.knows(c) || !c.knows(b) {
					t.Error("b and c have not found each other again")
				}
			})
		})
	}
}

// So does a network of which each half has a full table of its own.
func TestSplitHeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newSim(5)
		m.fill(t, 50)
		half := make(map[netip.AddrPort]bool)
		for i, s := range m.servers {
			half[s.Self().Addr] = i%2 == 0
		}
		m.net.setCut(func(a, b netip.AddrPort) bool { return half[a] != half[b] })
		sleep(20 * time.Minute)
		for _, s := range m.servers {
			for _, n := range s.Nodes() {
				if half[n.Addr] != half[s.Self().Addr] {
					t.Fatal("a node counts on one that does not answer")
				}
			}
		}

		m.net.setCut(nil)
		sleep(5 * time.Minute)
		f := m.measure(t, 100)
		if f.nearest < 100 || f.recall < 99 {
			t.Errorf("after the split: %+v", f)
		}
	})
}

// Stale contacts, however many, cost no more than one ping a check, and do not
// keep the node from seeing which others have left.
func TestStaleContactsAreCheap(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		for i := range 100 {
			n := named(fmt.Sprint(i), i+10)
			s.recordPong(n)
			for range maxStrikes {
				s.recordFailure(n)
			}
		}
		n := named("live", 1)
		p := m.peer(t, n, honest(n.ID))
		s.recordPong(n)
		sent := 0
		m.watch(func(from, to netip.AddrPort, _ []byte) {
			if from == s.Self().Addr && to != n.Addr {
				sent++
			}
		})
		dontRefresh(s)
		sleep(10 * time.Minute)
		if checks := 10 * int(time.Minute/checkEvery); sent < checks || sent > 2*maxSends*checks {
			t.Errorf("%d datagrams to stale contacts, want about %d", sent, maxSends*checks)
		}
		p.Close()
		sleep(time.Minute)
		if got := s.Nodes(); len(got) > 0 {
			t.Errorf("got %v a minute after it left, want none", got)
		}
	})
}

// A node is told where others were before it was restarted. It asks there until
// somebody answers.
func TestEarlierAddressesAreAsked(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		n := named("peer", 1)
		s := m.start(t, named("s", 0), Config{Earlier: []netip.AddrPort{named("gone", 2).Addr, n.Addr}})
		sleep(time.Hour)
		m.peer(t, n, honest(n.ID))
		sleep(maxJoinPause + 5*time.Second)
		if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
