package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// Each test here shows a defect of bmuller/kademlia 2.2, found by reading and
// running it, that this package does not have. What defects 10, 11 and 13 do
// to a whole network is measured in sim_test.go.

// 1: find_neighbors stops early and walks buckets in the wrong order. With
// these contacts it returns none for this target.
func TestDefect01ClosestIsExact(t *testing.T) {
	var self, target ID
	for i := range self {
		self[i], target[i] = 0xff, 0xff
	}
	target[len(target)-1] = 0xfe
	table := NewTable(self, defaultK)
	for i := range 21 {
		table.RecordAnswer(testNode(ID{byte(3 * i)}, i), epoch)
	}
	if got := len(table.Closest(target, defaultK)); got != defaultK {
		t.Errorf("got %d contacts, want %d", got, defaultK)
	}
}

// 2: a node that timed out comes back with the next reply that names it, and
// ends in the result.
func TestDefect02DeadNodesStayOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		dead := named("dead", 50)
		var live []Node
		for i := 1; i <= 10; i++ {
			live = append(live, named(fmt.Sprint(i), i))
		}
		for _, n := range live {
			m.peer(t, n, honest(n.ID, append(live, dead)...))
		}
		s := m.serveNamed(t, "s", 0)
		mustBootstrap(t, s, live[0].Addr)
		got, err := s.Lookup(t.Context(), dead.ID)
		if err != nil || len(got) != len(live) || slices.Contains(got, dead) {
			t.Errorf("got %v, %v, want the %d live", got, err, len(live))
		}
	})
}

// 3: find_node(id) leaves out the node with that id.
func TestDefect03NodeIsFoundByID(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		hub := m.serveNamed(t, "hub", 0)
		a, b := m.serveNamed(t, "a", 1), m.serveNamed(t, "b", 2)
		mustBootstrap(t, a, hub.Self().Addr)
		p, err := b.call(t.Context(), hub.Self().Addr, request{method: findNode, from: b.id, target: a.id}, 1, nil)
		if err != nil || !slices.Equal(p.nodes, []Node{a.Self()}) {
			t.Errorf("got %v, %v, want %v", p.nodes, err, a.Self())
		}
	})
}

// 4: set returns True when every store timed out.
func TestDefect04StoreReportsFailure(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == store {
				return nil
			}
			return honest(n.ID)(from, id, q)
		})
		mustBootstrap(t, s, n.Addr)
		if err := s.Store(t.Context(), "key", "value"); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		lone := m.serveNamed(t, "lone", 2)
		if err := lone.Store(t.Context(), "key", "value"); !errors.Is(err, ErrNoContacts) {
			t.Errorf("nobody there: got %v, want ErrNoContacts", err)
		}
	})
}

// 5: welcome_if_new sends stored values to the wrong newcomers, and to whoever
// makes one up. 18: 200 of them for one ping.
func TestDefect05NewcomersGetNoStores(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		for i := range 200 {
			s.values.put(KeyID(fmt.Sprint(i)), bytes.Repeat([]byte{1}, 1000), time.Now())
		}
		n := named("newcomer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == store {
				t.Error("newcomer got a store")
			}
			return honest(n.ID)(from, id, q)
		}).send(t, s.Self().Addr, request{method: ping, from: n.ID}.encode(messageID{}))
		sleep(time.Minute)
		if !slices.Contains(s.Nodes(), n) {
			t.Error("newcomer is not in the table")
		}
	})
}

// 6: every holder stores its values again each hour, so none ever dies and old
// ones win over new ones.
func TestDefect06ValuesDie(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		a, b := m.serveNamed(t, "a", 0), m.serveNamed(t, "b", 1)
		mustBootstrap(t, a, b.Self().Addr)
		stores := 0
		m.watch(func(_, _ netip.AddrPort, datagram []byte) {
			if bytes.Contains(datagram, []byte(store)) {
				stores++
			}
		})
		if err := a.Store(t.Context(), "key", "value"); err != nil {
			t.Fatal(err)
		}
		sleep(24*time.Hour - time.Minute)
		if got, err := b.FindValue(t.Context(), "key"); err != nil || got != "value" {
			t.Errorf("got %q, %v, want value", got, err)
		}
		sleep(time.Minute)
		if got, err := b.FindValue(t.Context(), "key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %q, %v, want ErrNotFound", got, err)
		}
		if stores != 1 {
			t.Errorf("stored %d times, want once", stores)
		}
	})
}

// 7: known contacts are never moved, so one is pinged for ever, and never
// updated, so a new address is ignored.
func TestDefect07ContactsAreRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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
		if nodes := s.Nodes(); !slices.Contains(nodes, moved) || len(nodes) != 5 {
			t.Errorf("got %v, want %v instead of %v", nodes, moved, peers[0].Addr)
		}
	})
}

// 8: a node restarted under new IDs stands in tables once for each.
func TestDefect08RestartsLeaveOneContact(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		var last Node
		for i := range 5 {
			last = Node{KeyID(fmt.Sprint(i)), named("", 1).Addr}
			p := m.serve(t, last.Addr, Config{ID: last.ID})
			mustBootstrap(t, p, s.Self().Addr)
			sleep(time.Second)
			p.Close()
		}
		if got, want := s.Nodes(), []Node{last}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// 9: the own ID enters the own table. Bootstrapping to oneself is normal: it
// is what the tutorial's seed does.
func TestDefect09OwnIDStaysOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.serve(t, named("s", 0).Addr, Config{ID: KeyID("s"), Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err := s.Bootstrap(t.Context(), s.Self().Addr); !errors.Is(err, ErrNoContacts) {
			t.Errorf("got %v, want ErrNoContacts", err)
		}
		if n, err := s.Ping(t.Context(), s.Self().Addr); err != nil || n != s.Self() {
			t.Errorf("got %v, %v, want %v", n, err, s.Self())
		}
		const warning = "another node uses the ID of this one"
		if strings.Contains(log.String(), warning) {
			t.Errorf("warned of itself:\n%s", &log)
		}
		p := m.peer(t, Node{s.id, named("copy", 1).Addr}, honest(s.id))
		for _, method := range []string{ping, findNode, ping} {
			p.send(t, s.Self().Addr, request{method: method, from: s.id, target: s.id}.encode(messageID{}))
		}
		sleep(time.Minute)
		if got := s.Nodes(); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
		s.Close()
		if got := strings.Count(log.String(), warning); got != 1 {
			t.Errorf("warned %d times, want once:\n%s", got, &log)
		}
	})
}

// 10: a lookup waits 5 s for each silent node, one after another.
func TestDefect10SilentNodesDontStall(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// 11: one lost datagram evicts a contact.
func TestDefect11OneLossEvictsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// 12: a seed that cannot be reached is an empty list after 5 s, no error, and
// never asked again.
func TestDefect12SeedsAreRetried(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		seed, other := named("seed", 1), named("other seed", 2)
		start := time.Now()
		if err := s.Bootstrap(t.Context(), seed.Addr, other.Addr, s.Self().Addr); !errors.Is(err, ErrNoContacts) {
			t.Errorf("got %v, want ErrNoContacts", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
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

// A dead seed among live ones costs nothing; in Python all wait for it.
func TestDeadSeedCostsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("seed", 1)
		m.peer(t, n, honest(n.ID))
		start := time.Now()
		mustBootstrap(t, s, named("dead", 2).Addr, n.Addr)
		if took := time.Since(start); took > 300*time.Millisecond {
			t.Errorf("took %v, want two round trips", took)
		}
	})
}

// 13: when nodes come and go, half of each table is dead and most lookups miss
// the nearest live node. Here a node stays for ten minutes on average.
func TestDefect13ChurnIsSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newSim(13)
		defer m.close()
		m.fill(t, 60)
		m.churn(t, 10*time.Minute, 20*time.Minute)
		if f := m.measure(t, 100); f.nearest < churn.nearest || f.recall < churn.recall {
			t.Errorf("got %+v, want nearest >= %v %%, recall >= %v %%", f, churn.nearest, churn.recall)
		} else {
			t.Logf("%+v", f)
		}
	})
}

// 14: stop leaves calls waiting, calls after it hang, and a cancelled one
// stays in the books for ever: see also TestClose and TestCancel.
func TestDefect14CloseEndsBackgroundWork(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// 15: one ping with an ID of 21 bytes breaks every later lookup.
func TestDefect15OddIDs(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		for _, id := range [][]byte{append([]byte{0}, n.ID[:]...), n.ID[:4], {}} {
			var b bytes.Buffer
			enc := msgpack.NewEncoder(&b)
			b.Write(make([]byte, headerSize))
			if err := errors.Join(enc.EncodeArrayLen(2), enc.EncodeString(ping), enc.EncodeArrayLen(1), enc.EncodeBytes(id)); err != nil {
				t.Fatal(err)
			}
			answers := 0
			m.watch(func(from, to netip.AddrPort, datagram []byte) {
				if from == s.Self().Addr && datagram[0] == responseByte {
					answers++
				}
			})
			p.send(t, s.Self().Addr, b.Bytes())
			sleep(2 * time.Second)
			if answers > 0 {
				t.Errorf("%d bytes: answered", len(id))
			}
		}
		if got, err := s.Lookup(t.Context(), n.ID); err != nil || !slices.Equal(got, []Node{n}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// 16: a malformed reply raises out of get, set and bootstrap.
func TestDefect16MalformedReplies(t *testing.T) {
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
				s := m.serveNamed(t, "s", 0)
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

// 17: a peer that always names nearer ones keeps a lookup going until Python's
// stack is exhausted.
func TestDefect17EndlessLookupEnds(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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
		s := m.serveNamed(t, "s", 0)
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

// 18: a small request from a forged address brings a big answer on the victim.
func TestDefect18NoAmplification(t *testing.T) {
	requests := []request{
		{method: ping},
		{method: findNode, target: KeyID("x")},
		{method: findValue, target: KeyID("key")},
		{method: store, target: KeyID("key"), value: []byte{1}},
		{method: stun},
	}
	for _, q := range requests {
		t.Run(q.method, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				s := m.serveNamed(t, "s", 0)
				for i := range 100 {
					s.recordPong(named(fmt.Sprint(i), i+1000))
				}
				s.values.put(KeyID("key"), append([]byte{0xc5, 0x1f, 0x00}, make([]byte, 0x1f00)...), time.Now())
				victim := named("victim", 1)
				received, sent := 0, 0
				m.watch(func(from, to netip.AddrPort, datagram []byte) {
					if from == s.Self().Addr && to == victim.Addr {
						sent += len(datagram)
					}
				})
				for i := range 100 { // bursts and single ones
					q.from = KeyID(fmt.Sprint("made up", i/3))
					datagram := q.encode(messageID{byte(i)})
					received += len(datagram)
					s.handle(victim.Addr, datagram)
					sleep(time.Duration(i%5) * 400 * time.Millisecond)
				}
				sleep(5 * time.Second)
				if sent > 3*received {
					t.Errorf("%d bytes for %d", sent, received)
				}
			})
		})
	}
	t.Run("one ping", func(t *testing.T) {
		bubble(t, func(t *testing.T, m *memNet) {
			s := m.serveNamed(t, "s", 0)
			sent := 0
			m.watch(func(_, _ netip.AddrPort, datagram []byte) { sent += len(datagram) })
			s.handle(named("victim", 1).Addr, request{method: ping, from: KeyID("x")}.encode(messageID{}))
			sleep(time.Minute)
			if want := 43 + 2*50; sent != want {
				t.Errorf("%d bytes for 50, want %d", sent, want)
			}
		})
	})
}

// 19: 20,000 pings with made-up IDs from one address fill the table.
func TestDefect19TableIsNotCaptured(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("honest", 1)
		m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		var claim atomic.Int64
		claimed := func() ID { return KeyID(fmt.Sprint(claim.Load())) }
		addr := named("liar", 2).Addr
		m.peer(t, Node{Addr: addr}, func(from netip.AddrPort, id messageID, q request) [][]byte {
			return honest(claimed())(from, id, q) // whatever it claimed last
		})
		for i := range 20000 {
			claim.Store(int64(i))
			s.handle(addr, request{method: ping, from: claimed()}.encode(messageID{}))
			if i%100 == 0 {
				sleep(200 * time.Millisecond)
			}
		}
		sleep(time.Second)
		nodes := s.Nodes()
		if len(nodes) != 2 || !slices.Contains(nodes, n) {
			t.Errorf("got %v, want %v and one more", nodes, n)
		}
	})
}

// 20: values of any type, size and number are kept, from anyone.
func TestDefect20StorageIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("peer", 1)
		m.peer(t, n, honest(n.ID))
		put := func(from Node, i int, value []byte) {
			s.handle(from.Addr, request{method: store, from: from.ID, target: KeyID(fmt.Sprint(i)), value: value}.encode(messageID{}))
		}
		unknown := named("unknown", 2)
		put(unknown, 0, []byte{1})
		sleep(5 * time.Second)
		if s.values.len() != 0 {
			t.Error("stored for a node that does not answer")
		}
		mustBootstrap(t, s, n.Addr)
		const limit = 8192
		for i := range limit + 1000 {
			put(n, i, []byte{1})
		}
		if got := s.values.len(); got > limit || got < limit/2 {
			t.Errorf("%d values, want at most %d, and half of it", got, limit)
		}
		for name, value := range map[string][]byte{
			"nil":          {0xc0},
			"map":          {0x81, 1, 2},
			"list":         {0x91, 1},
			"ext":          {0xd4, 1, 2},
			"broken UTF-8": {0xa1, 0xff},
			"too long":     append([]byte{0xc5, 0x20, 0x00}, make([]byte, 0x2000)...),
		} {
			put(n, -1, value)
			if _, ok := s.values.get(KeyID("-1"), time.Now()); ok {
				t.Errorf("stored: %s", name)
			}
		}
	})
}

// 21: replies count from any address (see TestResponseMatching), host names
// are resolved and handed on, and each bad packet is a stack trace in the log.
func TestDefect21HostNamesAndLog(t *testing.T) {
	f := readVectors(t)
	i := slices.IndexFunc(f.Vectors, func(v vector) bool { return v.Name == "find_node_response_hostname" })
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.serve(t, named("s", 0).Addr, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
		n := named("peer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == ping {
				return honest(n.ID)(from, id, q)
			}
			hostname := unhex(t, f.Vectors[i].Hex)
			copy(hostname[1:], id[:])
			return [][]byte{hostname}
		})
		mustBootstrap(t, s, n.Addr)
		if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for i := range f.OddRequests {
			for range 100 {
				s.handle(n.Addr, oddDatagram(t, f, i))
			}
		}
		s.Close()
		if lines := strings.Count(log.String(), "\n"); lines > 6 {
			t.Errorf("%d lines of log for %d datagrams:\n%s", lines, 100*len(f.OddRequests), &log)
		}
	})
}

// One address that claims the IDs of our contacts, one after another, takes
// none of them over while they answer.
func TestContactsAreNotStolen(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		var nodes []Node
		for i := 1; i <= 10; i++ {
			n := named(fmt.Sprint(i), i)
			m.peer(t, n, honest(n.ID))
			mustBootstrap(t, s, n.Addr)
			nodes = append(nodes, n)
		}
		claimed := ID{}
		thief := named("thief", 99).Addr
		p := m.peer(t, Node{Addr: thief}, func(from netip.AddrPort, id messageID, q request) [][]byte {
			return honest(claimed)(from, id, q)
		})
		for _, n := range nodes {
			claimed = n.ID
			p.send(t, s.Self().Addr, request{method: ping, from: claimed}.encode(messageID{}))
			sleep(3 * time.Second)
		}
		got := s.Nodes()
		for _, n := range nodes {
			if !slices.Contains(got, n) {
				t.Errorf("%v was stolen", n)
			}
		}
	})
}

// A node that left and came back enters the table with its first request.
func TestReturnOfAContact(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// Hearsay brings nobody in, and aims no more than one request of a lookup at
// one address.
func TestHearsayStaysOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		liar, victim := named("liar", 1), named("victim", 2)
		madeUp := make([]Node, 20)
		for i := range madeUp { // flood of IDs at one address, and at nobody's
			madeUp[i] = Node{KeyID(fmt.Sprint(i)), victim.Addr}
			if i >= 10 {
				madeUp[i] = named(fmt.Sprint(i), 100+i)
			}
		}
		asked := 0
		m.peer(t, victim, func(from netip.AddrPort, id messageID, q request) [][]byte {
			asked++
			return honest(victim.ID)(from, id, q)
		})
		m.peer(t, liar, honest(liar.ID, madeUp...))
		mustBootstrap(t, s, liar.Addr)
		sleep(5 * time.Second)
		for _, n := range s.Nodes() {
			if n != liar && n != victim {
				t.Errorf("%v entered by hearsay", n)
			}
		}
		if asked > 20 {
			t.Errorf("the victim was asked %d times", asked)
		}
	})
}

// A proof is believed for a day, and no longer than its node is a contact:
// whoever forges the address of one that has left gets no answer sent there.
func TestProofsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		contact, stranger := named("contact", 1), named("stranger", 2)
		answers := 0
		m.watch(func(_, to netip.AddrPort, datagram []byte) {
			if datagram[0] == responseByte {
				answers++
			}
		})
		check := func(what string, n Node, want bool) {
			t.Helper()
			answers = 0
			s.handle(n.Addr, request{method: findNode, from: n.ID}.encode(messageID{}))
			sleep(2 * time.Second)
			if got := answers > 0; got != want {
				t.Errorf("%s: answered %v, want %v", what, got, want)
			}
		}
		s.recordPong(contact)
		check("a contact", contact, true)
		for range maxStrikes {
			s.recordFailure(contact)
		}
		check("a contact that has left", contact, false)
		s.mu.Lock()
		s.proofs.known.put(stranger.Addr, stranger.ID, time.Now())
		s.mu.Unlock()
		check("fresh proof", stranger, true)
		check("another ID at the address", Node{contact.ID, stranger.Addr}, false)
		sleep(23 * time.Hour)
		check("proof of 23 hours ago", stranger, true)
		sleep(time.Hour)
		check("proof of a day ago", stranger, false)
	})
}

// A node for which the table has no room has proven its address all the same:
// it is pinged once, not for each of its requests.
func TestProofWithoutRoom(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serve(t, named("s", 0).Addr, Config{ID: ID{1}, K: 1})
		s.recordPong(Node{ID{0x81}, named("contact", 1).Addr})
		n := Node{ID{0x82}, named("late", 2).Addr}
		pings, answers := 0, 0
		p := m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			pings++
			return honest(n.ID)(from, id, q)
		})
		m.watch(func(_, to netip.AddrPort, datagram []byte) {
			if to == n.Addr && datagram[0] == responseByte {
				answers++
			}
		})
		for i := range 3 {
			p.send(t, s.Self().Addr, request{method: findNode, from: n.ID}.encode(messageID{byte(i)}))
			sleep(500 * time.Millisecond)
		}
		if pings != 1 || answers != 3 {
			t.Errorf("%d pings, %d answers, want 1 and 3", pings, answers)
		}
	})
}

// A contact that answers each ping with our own ID is none of ours: it leaves
// like a silent one.
func TestContactWithOwnIDLeaves(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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
		s := m.serve(t, named("s", 0).Addr, Config{ID: KeyID("s"), Rand: newRand(1)})
		s.recordPong(named("dead", 1))
		sleep(35 * time.Second)
		if got := s.Nodes(); len(got) > 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

// A node that is its own seed, and answers itself first, waits for the others.
func TestOwnAddressIsNotEnough(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
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

// Who loses the last contact asks the seeds at once, however long it has not
// needed them. A seed counts once, however often it is given.
func TestSeedsAreAskedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serve(t, named("s", 0).Addr, Config{ID: KeyID("s"), Rand: newRand(1)})
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

// load returns how many proofs are under way, requests held, calls pending.
func (s *Server) load() [3]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [3]int{len(s.proofs.open), s.proofs.held, len(s.pending)}
}

// At most 64 proofs are under way and 64 requests held, whatever comes.
func TestHeldRequestsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		flood := func(method string, from func(i int) Node) {
			for i := range 10000 {
				n := from(i)
				s.handle(n.Addr, request{method: method, from: n.ID}.encode(messageID{}))
				if got := s.load(); got[0] > 64 || got[1] > 64 || got[2] > 64 {
					t.Fatalf("open, held, pending: %v", got)
				}
			}
		}
		many := func(i int) Node { return testNode(KeyID(fmt.Sprint(i)), i+1) }
		flood(ping, many)
		sleep(5 * time.Second)
		flood(findNode, many)
		sleep(5 * time.Second)
		flood(findNode, func(i int) Node { return named("one", 1) })
		synctest.Wait()
		if got, want := s.load(), [3]int{1, 64, 1}; got != want {
			t.Errorf("open, held, pending: %v, want %v", got, want)
		}
		sleep(5 * time.Second)
		if got, want := s.load(), [3]int{}; got != want {
			t.Errorf("left: open, held, pending: %v, want %v", got, want)
		}
		for i := range 20000 { // proofs are bounded, too
			s.recordPong(testNode(KeyID(fmt.Sprint(i)), i+1))
		}
		if got := s.proofs.known.len(); got > 8192 {
			t.Errorf("%d proofs", got)
		}
	})
}

// A Python node sends ping, find_node and stores in one burst, and waits 5 s.
// Each is answered after one round trip.
func TestHeldRequestsAreAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serveNamed(t, "s", 0)
		n := named("python", 1)
		p := m.peer(t, n, honest(n.ID))
		answered := map[byte]int{}
		m.watch(func(from, to netip.AddrPort, datagram []byte) {
			if from == s.Self().Addr && datagram[0] == responseByte {
				answered[datagram[1]]++
			}
		})
		for i, q := range []request{
			{method: ping, from: n.ID},
			{method: findNode, from: n.ID, target: n.ID},
			{method: store, from: n.ID, target: KeyID("key"), value: []byte{0xa1, 'v'}},
			{method: findValue, from: n.ID, target: KeyID("key")},
			{method: findNode, from: KeyID("not its ID"), target: n.ID},
		} {
			p.send(t, s.Self().Addr, q.encode(messageID{byte(i)}))
		}
		sleep(300 * time.Millisecond)
		for i, want := range []int{1, 1, 1, 1, 0} {
			if got := answered[byte(i)]; got != want {
				t.Errorf("request %d: %d answers, want %d", i, got, want)
			}
		}
	})
}

// Without randomness there are no message IDs; the node says so, and lives on.
func TestNoRandomness(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.serve(t, named("s", 0).Addr, Config{Rand: bytes.NewReader(make([]byte, 50))})
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
