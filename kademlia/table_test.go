package kademlia

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// testNode returns the node with the i-th address of 10.0.0.0/8.
func testNode(id ID, i int) Node {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], uint32(10<<24+i+1))
	return Node{id, netip.AddrPortFrom(netip.AddrFrom4(ip), 5678)}
}

// inBucket returns a node for bucket i of the table of the zero ID.
func inBucket(i, nr int) Node {
	var id ID
	id[i/8] = 0x80 >> (i % 8)
	binary.BigEndian.PutUint32(id[16:], uint32(nr))
	return testNode(id, nr)
}

// randomTable returns a table that has seen n random nodes.
func randomTable(seed byte, n int) (*Table, []Node) {
	rnd := newRand(seed)
	var self ID
	rnd.Read(self[:])
	t := NewTable(self, defaultK)
	for i := range n {
		var id ID
		rnd.Read(id[:])
		t.RecordAnswer(testNode(id, i), epoch.Add(time.Duration(i)*time.Second))
	}
	return t, t.Nodes()
}

func TestTableBucketIndex(t *testing.T) {
	table, nodes := randomTable(1, 2000)
	seen := map[Node]bool{}
	for i := range table.buckets {
		for _, c := range table.buckets[i].contacts {
			if seen[c.Node] {
				t.Errorf("%v is in two buckets", c.Node)
			}
			seen[c.Node] = true
			if got := table.self.CommonPrefix(c.ID); got != i {
				t.Errorf("%v is in bucket %d, want %d", c.ID, i, got)
			}
		}
	}
	if len(seen) != len(nodes) || len(nodes) != table.Len() {
		t.Errorf("%d in buckets, %d Nodes, Len %d", len(seen), len(nodes), table.Len())
	}
	targets, err := table.RefreshTargets(epoch, newRand(2))
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range targets {
		if got := table.self.CommonPrefix(target); got != i {
			t.Errorf("target for bucket %d lies in %d", i, got)
		}
	}
}

func TestTableFull(t *testing.T) {
	table := NewTable(ID{}, 3)
	for nr := range 5 {
		table.RecordAnswer(inBucket(7, nr), epoch.Add(time.Duration(nr)))
	}
	want := []Node{inBucket(7, 0), inBucket(7, 1), inBucket(7, 2)}
	if got := table.Nodes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want the first three", got)
	}
	table.RecordAnswer(inBucket(7, 0), epoch.Add(time.Minute)) // moves to the tail
	want = []Node{want[1], want[2], want[0]}
	if got := table.Nodes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want the renewed contact last", got)
	}
	table.RecordAnswer(Node{ID{}, inBucket(0, 9).Addr}, epoch)
	if table.Len() != 3 {
		t.Error("the own ID entered the table")
	}
}

func TestTableEvict(t *testing.T) {
	for _, spares := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(spares, " spares"), func(t *testing.T) {
			table := NewTable(ID{}, 2)
			for nr := range 2 + spares {
				table.RecordAnswer(inBucket(3, nr), epoch.Add(time.Duration(nr)))
			}
			strikes := 0
			for ; table.has(inBucket(3, 0)); strikes++ {
				table.RecordFailure(inBucket(3, 0))
			}
			wantStrikes, want := 5, []Node{inBucket(3, 1)}
			if spares > 0 { // the newest moves in
				wantStrikes, want = 2, append(want, inBucket(3, 1+spares))
			}
			if strikes != wantStrikes {
				t.Errorf("left after %d strikes, want %d", strikes, wantStrikes)
			}
			if got := table.Nodes(); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func (t *Table) has(n Node) bool { c, ok := t.Contact(n.ID); return ok && c == n }

// An answer in between forgives the strikes before it.
func TestTableForgives(t *testing.T) {
	table := NewTable(ID{}, 2)
	n := inBucket(0, 0)
	table.RecordAnswer(n, epoch)
	for range 3 {
		for range maxStrikes - 1 {
			table.RecordFailure(n)
		}
		table.RecordAnswer(n, epoch)
	}
	if !table.has(n) {
		t.Error("a contact that answers was evicted")
	}
	table.RecordFailure(Node{n.ID, inBucket(0, 1).Addr}) // hearsay about another address
	table.RecordFailure(Node{})
	if !table.has(n) || table.buckets[0].contacts[0].strikes != 0 {
		t.Error("a strike at another address counts")
	}
}

func TestReplacementLimit(t *testing.T) {
	const k = 4
	table := NewTable(ID{}, k)
	for nr := range 100 {
		table.RecordAnswer(inBucket(0, nr), epoch.Add(time.Duration(nr)))
	}
	spares := table.buckets[0].spares
	if len(spares) != k || spares[0].Node != inBucket(0, 96) || spares[k-1].Node != inBucket(0, 99) {
		t.Errorf("got %v, want the newest %d", spares, k)
	}
	table.RecordFailure(inBucket(0, 99)) // a dead spare does not move in
	for range fewStrikes {
		table.RecordFailure(inBucket(0, 0))
	}
	if got := table.Nodes(); table.has(inBucket(0, 99)) || !table.has(inBucket(0, 98)) {
		t.Errorf("got %v", got)
	}
}

// TestClosestProperty compares Closest with what a sort of all contacts gives.
func TestClosestProperty(t *testing.T) {
	property := func(seed byte, size uint16, count uint8, target ID, own bool) bool {
		table, nodes := randomTable(seed, int(size)%500)
		if own {
			target = table.self
		}
		slices.SortFunc(nodes, func(a, b Node) int {
			return cmp.Compare(number(a.ID.Distance(target)).Cmp(number(b.ID.Distance(target))), 0)
		})
		want := nodes[:min(int(count), len(nodes))]
		return slices.Equal(table.Closest(target, int(count)), want)
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 200}); err != nil {
		t.Error(err)
	}
}

func TestTableOneContactPerAddress(t *testing.T) {
	table := NewTable(ID{}, 2)
	addr := testNode(ID{}, 0).Addr
	for i := range 20 { // one process, restarted under new IDs
		table.RecordAnswer(Node{inBucket(i%3, i).ID, addr}, epoch)
	}
	if got, want := table.Nodes(), []Node{{inBucket(1, 19).ID, addr}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTableAddressChange(t *testing.T) {
	table := NewTable(ID{}, 2)
	old := inBucket(5, 0)
	moved := Node{old.ID, inBucket(5, 1).Addr}
	table.RecordAnswer(old, epoch)
	table.RecordAnswer(moved, epoch)
	if !table.has(old) {
		t.Error("an address that answers lost its ID to another")
	}
	table.RecordFailure(old)
	table.RecordAnswer(moved, epoch)
	if !table.has(moved) || table.Len() != 1 {
		t.Errorf("got %v, want the new address", table.Nodes())
	}
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

func TestTableOldest(t *testing.T) {
	table := NewTable(ID{}, 5)
	if n, ok := table.LeastRecentlySeen(epoch.Add(time.Hour)); ok {
		t.Errorf("empty table: got %v", n)
	}
	for nr := range 20 {
		table.RecordAnswer(inBucket(nr%4, nr), epoch.Add(time.Duration(nr)*time.Second))
	}
	for nr := range 20 {
		now := epoch.Add(time.Minute)
		if got, _ := table.LeastRecentlySeen(now); got != inBucket(nr%4, nr) {
			t.Fatalf("got %v, want contact %d", got, nr)
		}
		table.RecordAnswer(inBucket(nr%4, nr), now)
	}
	if n, ok := table.LeastRecentlySeen(epoch.Add(time.Minute)); ok {
		t.Errorf("all were heard of: got %v", n)
	}
}

func TestTableStale(t *testing.T) {
	table := NewTable(ID{}, 5)
	table.RecordAnswer(inBucket(6, 1), epoch)
	stale := func(before time.Time) (buckets []int) {
		targets, err := table.RefreshTargets(before, newRand(1))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range targets {
			buckets = append(buckets, table.self.CommonPrefix(target))
		}
		return buckets
	}
	if got, want := stale(epoch), []int{0, 1, 2, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, i := range []int{0, 3} {
		table.RecordLookup(inBucket(i, 0).ID, epoch.Add(time.Hour))
	}
	table.RecordLookup(ID{}, epoch.Add(time.Hour))
	if got, want := stale(epoch.Add(time.Minute)), []int{1, 2, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Every change of the table is told, so that a log of them is complete.
func TestTableTellsChanges(t *testing.T) {
	table := NewTable(ID{}, 3)
	told := map[Node]bool{}
	table.added = func(n Node) {
		if told[n] {
			t.Errorf("%v added twice", n)
		}
		told[n] = true
	}
	table.removed = func(n Node) {
		if !told[n] {
			t.Errorf("%v removed, not added", n)
		}
		delete(told, n)
	}
	rnd := newRand(4)
	pick := func(n int) int { return int(rnd.Uint64() % uint64(n)) }
	for i := range 20000 {
		n := Node{inBucket(pick(3), pick(8)).ID, testNode(ID{}, pick(24)).Addr}
		if pick(3) > 0 {
			table.RecordAnswer(n, epoch.Add(time.Duration(i)))
		} else {
			table.RecordFailure(n)
		}
		if i%100 == 0 {
			checkTable(t, table)
		}
	}
	nodes := table.Nodes()
	for _, n := range nodes {
		if !told[n] {
			t.Errorf("%v is there, but was not told", n)
		}
	}
	if len(told) != len(nodes) {
		t.Errorf("told of %d, have %d", len(told), len(nodes))
	}
}

// checkTable verifies what holds for a table at any time.
func checkTable(t *testing.T, table *Table) {
	t.Helper()
	ids, addrs := map[ID]bool{}, map[netip.AddrPort]bool{}
	for i := range table.buckets {
		b := &table.buckets[i]
		if len(b.contacts) > table.k || len(b.spares) > table.k {
			t.Fatalf("bucket %d has %d contacts and %d spares", i, len(b.contacts), len(b.spares))
		}
		if !slices.IsSortedFunc(b.contacts, func(a, b contact) int { return a.lastAnswer.Compare(b.lastAnswer) }) {
			t.Fatalf("bucket %d is not in the order of answers", i)
		}
		for _, c := range append(slices.Clone(b.contacts), b.spares...) {
			if ids[c.ID] || addrs[c.Addr] || table.self.CommonPrefix(c.ID) != i {
				t.Fatalf("%v stands twice, or in the wrong bucket %d", c.Node, i)
			}
			ids[c.ID], addrs[c.Addr] = true, true
		}
	}
}
