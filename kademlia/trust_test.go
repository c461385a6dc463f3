package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
		for i := range 20000 { // proofs are bounded, too
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

// In Python the own ID enters the own table. Bootstrapping to oneself is normal:
// it is what the tutorial's seed does.
func TestOwnIDStaysOut(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
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

// A second node under this one's ID is worth one warning; this node's own
// address, given to it as a seed, is worth none.
func TestOwnIDWarning(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
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

func TestTableNetLimit(t *testing.T) {
	tests := []struct {
		name           string
		addr           string // of contact i; %d is i
		bucket, tables int    // how many of 30 enter
	}{
		{"public IPv4", "11.22.33.%d:5678", 2, 10},
		{"public IPv6", "[2001:db8:1:2::%d]:5678", 2, 10},
		{"different IPv4 networks", "11.22.%d.33:5678", 30, 30},
		{"loopback", "127.0.0.%d:5678", 30, 30},
		{"10/8", "10.0.0.%d:5678", 30, 30},
		{"172.16/12", "172.16.0.%d:5678", 30, 30},
		{"192.168/16", "192.168.0.%d:5678", 30, 30},
		{"unique local IPv6", "[fd00::%d]:5678", 30, 30},
		{"link-local IPv4", "169.254.0.%d:5678", 30, 30},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one, spread := NewTable(ID{}, 100), NewTable(ID{}, 100)
			addr := func(i int) netip.AddrPort { return netip.MustParseAddrPort(fmt.Sprintf(tt.addr, i)) }
			for i := range 30 {
				one.RecordAnswer(Node{inBucket(9, i).ID, addr(i)}, epoch)
				spread.RecordAnswer(Node{inBucket(i, i).ID, addr(i)}, epoch)
			}
			if got := one.Len(); got != tt.bucket {
				t.Errorf("one bucket: got %d, want %d", got, tt.bucket)
			}
			if got := spread.Len(); got != tt.tables {
				t.Errorf("whole table: got %d, want %d", got, tt.tables)
			}
			for range maxStrikes { // who leaves makes room
				one.RecordFailure(one.buckets[9].contacts[0].Node)
			}
			one.RecordAnswer(Node{inBucket(9, 99).ID, addr(99)}, epoch)
			if got := one.Len(); got != tt.bucket {
				t.Errorf("after one left: got %d, want %d", got, tt.bucket)
			}
		})
	}
}

// The limits hold for contacts that move, and for spares, which may move in;
// nobody asks for a ping where the limit would keep the answer out.
func TestTableNetLimitEverywhere(t *testing.T) {
	from := func(i, network, host int) Node {
		return Node{inBucket(0, i).ID, netip.MustParseAddrPort(fmt.Sprintf("11.22.%d.%d:5678", network, host))}
	}
	table := NewTable(ID{}, 4)
	for i, n := range []Node{from(0, 33, 0), from(1, 33, 1), from(2, 44, 2), from(3, 55, 3)} {
		table.RecordAnswer(n, epoch.Add(time.Duration(i)))
	}
	table.RecordFailure(from(2, 44, 2))
	table.RecordAnswer(from(2, 33, 9), epoch.Add(time.Minute))
	if !table.has(from(2, 44, 2)) {
		t.Errorf("a contact moved into a full network: %v", table.Nodes())
	}
	for i := range 4 {
		table.RecordAnswer(from(10+i, 55, 10+i), epoch.Add(time.Minute))
	}
	if got := table.buckets[0].spares; len(got) != 1 { // the contact is the other of the two
		t.Errorf("spares of one network: %v", got)
	}
	roomy := NewTable(ID{}, 4)
	roomy.RecordAnswer(from(0, 33, 0), epoch)
	if !roomy.HasRoom(from(1, 33, 1)) {
		t.Error("no room for the second of a network")
	}
	roomy.RecordAnswer(from(1, 33, 1), epoch)
	if roomy.HasRoom(from(2, 33, 2)) || !roomy.HasRoom(from(2, 44, 2)) {
		t.Error("room for a third of a network, or for nobody")
	}
}

func TestUsable(t *testing.T) {
	tests := []struct {
		addr string
		want bool
	}{
		{"8.8.8.8:5678", true},
		{"127.0.0.1:1", true},
		{"10.0.0.1:65535", true},
		{"[2001:db8::1]:5678", true},
		{"[fe80::1]:5678", true},
		{"[::1]:5678", true},
		{"8.8.8.8:0", false},
		{"0.0.0.0:5678", false},
		{"[::]:5678", false},
		{"224.0.0.1:5678", false},
		{"255.255.255.255:5678", false},
		{"[ff02::1]:5678", false},
		{"[fe80::1%eth0]:5678", false},
	}
	for _, tt := range tests {
		if got := usable(netip.MustParseAddrPort(tt.addr)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.addr, got, tt.want)
		}
	}
	if usable(netip.AddrPort{}) {
		t.Error("the zero AddrPort is usable")
	}
}

func TestRelayable(t *testing.T) {
	tests := []struct {
		peer, contact string
		want          bool
	}{
		{"8.8.8.8", "9.9.9.9", true},
		{"8.8.8.8", "10.0.0.1", false},
		{"8.8.8.8", "127.0.0.1", false},
		{"8.8.8.8", "fe80::1", false},
		{"10.0.0.1", "127.0.0.1", false},
		{"10.0.0.1", "192.168.1.1", true},
		{"10.0.0.1", "9.9.9.9", true},
		{"127.0.0.1", "127.0.0.2", true},
		{"127.0.0.1", "10.0.0.1", true},
		{"::1", "::1", true},
	}
	for _, tt := range tests {
		got := relayable(netip.MustParseAddr(tt.peer), netip.MustParseAddr(tt.contact))
		if got != tt.want {
			t.Errorf("%s names %s: got %v, want %v", tt.peer, tt.contact, got, tt.want)
		}
	}
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
				s := m.start(t, named("s", 0), Config{})
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
				s := m.start(t, named("s", 0), Config{})
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

// A Python node resolves host names and hands them on, and logs each bad packet
// with a stack trace. Here names are skipped, and the log stays short.
func TestHostNamesAndLog(t *testing.T) {
	f := readVectors(t)
	i := slices.IndexFunc(f.Vectors, func(v vector) bool { return v.Name == "find_node_response_hostname" })
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
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

// The log tells of peers found and lost, and of each kind of nonsense once a
// minute, however much of it arrives.
func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
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
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
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
