package kademlia

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A ping of a stranger is answered with exactly these bytes, then it is
// pinged itself, and enters the table with its answer.
func TestPingAndPingBack(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var got [][]byte
		s := m.start(t, named("s", 0), Config{})
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

// A Python node sends ping, find_node and stores in one burst, and waits 5 s.
// Each is answered after one round trip.
func TestHeldRequestsAreAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// At most 64 proofs are under way and 64 requests held, whatever comes.
func TestHeldRequestsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

		// Proofs are bounded, too.
		for i := range 20000 {
			s.recordPong(testNode(KeyID(fmt.Sprint(i)), i+1))
		}

		if got := s.proofs.known.len(); got > 8192 {
			t.Errorf("%d proofs", got)
		}
	})
}

// A proof is believed for a day, and no longer than its node is a contact:
// whoever forges the address of one that has left gets no answer sent there.
func TestProofsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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
		s := m.start(t, Node{ID{1}, named("s", 0).Addr}, Config{K: 1})
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

// A small request from a forged address brings a big answer of a Python node on
// the victim. Here it is three bytes for one at most.
func TestNoAmplification(t *testing.T) {
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
				s := m.start(t, named("s", 0), Config{})
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
			s := m.start(t, named("s", 0), Config{})
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
		s := m.start(t, Node{self, named("s", 0).Addr}, Config{})
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

// One ping with an ID of 21 bytes breaks every later lookup of a Python node. Here
// it is ignored.
func TestOddIDs(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		for _, id := range [][]byte{append([]byte{0}, n.ID[:]...), n.ID[:4], {}} {
			answers := 0
			m.watch(func(from, to netip.AddrPort, datagram []byte) {
				if from == s.Self().Addr && datagram[0] == responseByte {
					answers++
				}
			})

			datagram := append(make([]byte, headerSize), "\x92\xa4ping\x91\xc4"...)
			datagram = append(datagram, byte(len(id)))
			datagram = append(datagram, id...)
			p.send(t, s.Self().Addr, datagram)
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

// In Python the own ID enters the own table. Bootstrapping to oneself is normal:
// it is what the tutorial's seed does.
func TestOwnIDStaysOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		if err := s.Bootstrap(t.Context(), s.Self().Addr); !errors.Is(err, ErrNoContacts) {
			t.Errorf("got %v, want ErrNoContacts", err)
		}
		if n, err := s.Ping(t.Context(), s.Self().Addr); err != nil || n != s.Self() {
			t.Errorf("got %v, %v, want %v", n, err, s.Self())
		}
		p := m.peer(t, Node{s.id, named("copy", 1).Addr}, honest(s.id))
		for _, method := range []string{ping, findNode, ping} {
			p.send(t, s.Self().Addr, request{method: method, from: s.id, target: s.id}.encode(messageID{}))
		}
		sleep(time.Minute)
		if got := s.Nodes(); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

// Whoever claims the node's own ID gets a pong, which tells it so, and nothing
// else: no list of contacts, no place for values.
func TestOwnIDIsNotServed(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// In Python 20,000 pings with made-up IDs from one address fill the table.
func TestTableIsNotCaptured(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// One address that claims the IDs of our contacts, one after another, takes
// none of them over while they answer.
func TestContactsAreNotStolen(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// Hearsay brings nobody in, and aims no more than one request of a lookup at
// one address.
func TestHearsayStaysOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
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

// A stranger claims the ID of a node that is being restarted. The node is found
// by its address all the same, and a lookup asks both.
func TestNobodyIsShutOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n, thief := named("honest", 1), Node{KeyID("honest"), named("", 2).Addr}
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)

		p.Close()
		sleep(time.Minute)
		m.peer(t, thief, honest(n.ID))
		if _, err := s.Ping(t.Context(), thief.Addr); err != nil {
			t.Fatal(err)
		}
		p = m.peer(t, n, honest(n.ID))
		p.send(t, s.Self().Addr, request{method: ping, from: n.ID}.encode(messageID{}))
		sleep(2 * time.Second)
		if got := s.Nodes(); len(got) != 2 || !slices.Contains(got, n) || !slices.Contains(got, thief) {
			t.Errorf("got %v, want %v and %v", got, n, thief)
		}
		if got, err := s.Lookup(t.Context(), n.ID); err != nil || !slices.Contains(got, n) {
			t.Errorf("found %v, %v, want %v among them", got, err, n)
		}
	})
}

// One address of a private network claims IDs everywhere. It gets ten places in
// the table, and the others of its network get theirs.
func TestOneAddressDoesNotFillTheTable(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		liar, seed := testNode(ID{}, 1).Addr.Addr(), testNode(ID{}, 2).Addr
		for i := range 2000 {
			s.recordPong(Node{KeyID(fmt.Sprint("liar", i)), netip.AddrPortFrom(liar, uint16(i+1))})
		}
		if got := len(s.Nodes()); got > perTableAndNet {
			t.Errorf("one address has %d places", got)
		}

		s.mu.Lock()
		s.seeds = []netip.AddrPort{seed}
		s.mu.Unlock()
		for i := range 30 {
			s.recordPong(Node{KeyID(fmt.Sprint("at the seed's address", i)), netip.AddrPortFrom(seed.Addr(), uint16(i+1))})
		}
		want := []Node{{KeyID("seed"), seed}, named("honest", 3)}
		for _, n := range want {
			s.recordPong(n)
			if !slices.Contains(s.Nodes(), n) {
				t.Errorf("%v has no place", n)
			}
		}
	})
}

// Stale contacts don't count under the limits, and none comes back above them.
func TestStaleContactsDontBendTheLimits(t *testing.T) {
	table := NewTable(ID{}, 20)
	one := netip.MustParseAddr("10.0.0.1")
	node := func(i int) Node { return Node{inBucket(0, i).ID, netip.AddrPortFrom(one, uint16(i+1))} }
	for i := range 10 {
		table.RecordAnswer(node(i), epoch)
		if i%2 == 0 {
			continue
		}
		for j := range i + 1 {
			for range maxStrikes {
				table.RecordFailure(node(j), epoch)
			}
		}
	}
	table.RecordAnswer(node(10), epoch)
	if got := table.Nodes(); !slices.Equal(got, []Node{node(10)}) {
		t.Fatalf("got %v, want the one that answers", got)
	}
	for i := range 10 {
		table.RecordAnswer(node(i), epoch)
	}
	if got := table.Len(); got != perBucketAndNet {
		t.Errorf("%d of one address are back, want %d", got, perBucketAndNet)
	}
	if n, ok := table.leastRecentlyTried(epoch.Add(time.Hour)); ok {
		t.Errorf("%v, which has answered and has no room, is tried again and again", n)
	}
}

// Spoofed pings take all places for proofs, second after second. Who shakes hands
// over TCP enters the table all the same, and is pinged once.
func TestMeetIsNotCrowdedOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("newcomer", 1)
		pings := 0
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == ping {
				pings++
			}
			return honest(n.ID)(from, id, q)
		})
		for second := range 10 {
			for i := range maxOpenProofs {
				stranger := named("spoofed", 1000+second*maxOpenProofs+i)
				s.handle(stranger.Addr, request{method: ping, from: stranger.ID}.encode(messageID{}))
			}
			if second == 5 {
				if got := s.load()[0]; got != maxOpenProofs {
					t.Fatalf("%d proofs under way, want %d", got, maxOpenProofs)
				}
				for range 3 {
					s.Meet(n.Addr)
				}
				sleep(150 * time.Millisecond)
				if got := s.Nodes(); !slices.Equal(got, []Node{n}) {
					t.Errorf("got %v, want %v", got, n)
				}
				s.Meet(n.Addr)
			}
			sleep(time.Second)
		}
		if pings != 1 {
			t.Errorf("%d pings, want 1", pings)
		}
	})
}

// To meet has bounds, too, does nothing for a node that has no place in the
// table, and ends with the server.
func TestMeetIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, Node{ID{1}, named("s", 0).Addr}, Config{K: 1})
		for i := range 1000 {
			s.Meet(testNode(ID{}, i+1).Addr)
		}
		s.Meet(netip.AddrPort{})
		if got := s.load()[2]; got > maxMeetings {
			t.Errorf("%d pings under way", got)
		}
		sleep(5 * time.Second)
		if got := len(s.proofs.met); got != 0 {
			t.Errorf("%d are left", got)
		}

		s.recordPong(Node{ID{0x81}, named("contact", 1).Addr})
		spare := Node{ID{0x82}, named("spare", 2).Addr}
		pings := 0
		m.peer(t, spare, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == ping {
				pings++
			}
			return honest(spare.ID)(from, id, q)
		})
		for range 3 {
			s.Meet(spare.Addr)
			sleep(time.Second)
		}
		if pings != 1 {
			t.Errorf("a spare got %d pings, want 1", pings)
		}
		s.Meet(named("late", 3).Addr)
		s.Close()
		s.Meet(named("later", 4).Addr)
	})
}

// A contact that has asked for more values than anyone needs gets no more of them
// for a while. Others do, and it still gets everything else.
func TestValuesHaveARate(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		s.values.put(KeyID("key"), append([]byte{0xc5, 0x1f, 0x00}, make([]byte, 0x1f00)...), time.Now())
		greedy, other := named("greedy", 1), named("other", 2)
		s.recordPong(greedy)
		s.recordPong(other)
		sent := map[netip.AddrPort]int{}
		m.watch(func(_, to netip.AddrPort, datagram []byte) {
			if datagram[0] == responseByte {
				sent[to] += len(datagram)
			}
		})

		ask := func(n Node, method, key string) int {
			before := sent[n.Addr]
			s.handle(n.Addr, request{method: method, from: n.ID, target: KeyID(key)}.encode(messageID{}))
			return sent[n.Addr] - before
		}
		for range 10000 {
			ask(greedy, findValue, "key")
		}
		if got := sent[greedy.Addr]; got < maxValueBytes-0x2000 || got > maxValueBytes+0x2000 {
			t.Errorf("%d bytes at once, want %d", got, maxValueBytes)
		}
		for _, tt := range []struct {
			n           Node
			method, key string
		}{{other, findValue, "key"}, {greedy, findValue, "no such key"}, {greedy, findNode, "key"}, {greedy, ping, ""}} {
			if ask(tt.n, tt.method, tt.key) == 0 {
				t.Errorf("%v gets no answer to %s %s", tt.n.Addr, tt.method, tt.key)
			}
		}
		sleep(valueWindow)
		if ask(greedy, findValue, "key") == 0 {
			t.Error("no value after the window")
		}
	})
}
