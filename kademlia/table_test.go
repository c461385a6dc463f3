package kademlia

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

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

func (t *Table) has(n Node) bool { return slices.Contains(t.Nodes(), n) }

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

// A silent contact is stale after five strikes, and keeps its place; or leaves
// after two, if another node waits for the place.
func TestTableEvict(t *testing.T) {
	for _, spares := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(spares, " spares"), func(t *testing.T) {
			table := NewTable(ID{}, 2)
			for nr := range 2 + spares {
				table.RecordAnswer(inBucket(3, nr), epoch.Add(time.Duration(nr)))
			}
			strikes := 0
			for ; table.has(inBucket(3, 0)); strikes++ {
				table.RecordFailure(inBucket(3, 0), epoch)
			}
			wantStrikes, want := 5, []Node{inBucket(3, 1)}
			if spares > 0 { // the newest moves in
				wantStrikes, want = 2, append(want, inBucket(3, 1+spares))
			}

			if strikes != wantStrikes {
				t.Errorf("gone after %d strikes, want %d", strikes, wantStrikes)
			}
			if got := table.Nodes(); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := len(table.buckets[3].contacts); got != 2 {
				t.Errorf("%d places are taken, want 2", got)
			}
		})
	}
}

// A stale contact counts for nothing but its place, which a newcomer takes at
// once, and so does the contact itself when it answers again.
func TestTableStale(t *testing.T) {
	table := NewTable(ID{}, 2)
	old, other, newcomer := inBucket(3, 0), inBucket(3, 1), inBucket(3, 2)
	table.RecordAnswer(old, epoch)
	table.RecordAnswer(other, epoch.Add(1))
	if table.HasRoom(newcomer) {
		t.Error("room in a full bucket")
	}
	lose := func(n Node) {
		for range maxStrikes {
			table.RecordFailure(n, epoch.Add(time.Minute))
		}
	}
	lose(old)
	if table.Len() != 1 || table.has(old) || slices.Contains(table.Closest(old.ID, 9), old) {
		t.Errorf("a stale contact counts: %d, %v, %v", table.Len(), table.Nodes(), table.Closest(old.ID, 9))
	}
	if !table.HasRoom(old) || !table.HasRoom(newcomer) {
		t.Error("no room in the place of a stale contact")
	}
	if n, ok := table.LeastRecentlySeen(epoch.Add(time.Hour)); !ok || n != other {
		t.Errorf("next to be checked is %v, want %v", n, other)
	}
	if n, ok := table.leastRecentlyTried(epoch.Add(time.Hour)); !ok || n != old {
		t.Errorf("next to be tried is %v, want %v", n, old)
	}
	if n, ok := table.leastRecentlyTried(epoch.Add(time.Minute)); ok {
		t.Errorf("%v is tried again at once", n)
	}

	table.RecordAnswer(old, epoch.Add(2*time.Minute))
	if want := []Node{other, old}; !slices.Equal(table.Nodes(), want) {
		t.Errorf("after an answer: %v, want %v", table.Nodes(), want)
	}
	lose(other)
	table.RecordAnswer(newcomer, epoch.Add(3*time.Minute))
	if want := []Node{old, newcomer}; !slices.Equal(table.Nodes(), want) || len(table.buckets[3].contacts) != 2 {
		t.Errorf("after a newcomer: %v, want %v", table.Nodes(), want)
	}
}

// An answer in between forgives the strikes before it.
func TestTableForgives(t *testing.T) {
	table := NewTable(ID{}, 2)
	n := inBucket(0, 0)
	table.RecordAnswer(n, epoch)
	for range 3 {
		for range maxStrikes - 1 {
			table.RecordFailure(n, epoch)
		}
		table.RecordAnswer(n, epoch)
	}

	if !table.has(n) {
		t.Error("a contact that answers was evicted")
	}
	table.RecordFailure(Node{n.ID, inBucket(0, 1).Addr}, epoch) // hearsay about another address
	table.RecordFailure(Node{}, epoch)
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
	table.RecordFailure(inBucket(0, 99), epoch) // a dead spare does not move in
	for range fewStrikes {
		table.RecordFailure(inBucket(0, 0), epoch)
	}
	if got := table.Nodes(); table.has(inBucket(0, 99)) || !table.has(inBucket(0, 98)) {
		t.Errorf("got %v", got)
	}
}

// With these contacts the Python program's find_neighbors, which stops early and
// walks buckets in the wrong order, returns none for this target.
func TestClosestIsExact(t *testing.T) {
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

// One ID at two addresses is two contacts: who claims the ID of another takes
// nothing from it, whoever comes first, and whoever fails.
func TestTableOneIDAtTwoAddresses(t *testing.T) {
	table := NewTable(ID{}, 2)
	first := inBucket(5, 0)
	second := Node{first.ID, inBucket(5, 1).Addr}
	table.RecordAnswer(first, epoch)
	table.RecordAnswer(second, epoch)
	if want := []Node{first, second}; !slices.Equal(table.Nodes(), want) {
		t.Errorf("got %v, want %v", table.Nodes(), want)
	}
	for range maxStrikes {
		table.RecordFailure(first, epoch)
	}
	if want := []Node{second}; !slices.Equal(table.Nodes(), want) {
		t.Errorf("after the first failed: %v, want %v", table.Nodes(), want)
	}
	table.RecordAnswer(first, epoch)
	if want := []Node{second, first}; !slices.Equal(table.Nodes(), want) {
		t.Errorf("when it is back: %v, want %v", table.Nodes(), want)
	}
}

func TestTableLeastRecentlySeen(t *testing.T) {
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

func TestTableRefreshTargets(t *testing.T) {
	table := NewTable(ID{}, 5)
	table.RecordAnswer(inBucket(6, 1), epoch)
	targets := func(before time.Time) (buckets []int) {
		ids, err := table.RefreshTargets(before, newRand(1))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			buckets = append(buckets, table.self.CommonPrefix(id))
		}
		return buckets
	}

	if got, want := targets(epoch), []int{0, 1, 2, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, i := range []int{0, 3} {
		table.RecordLookup(inBucket(i, 0).ID, epoch.Add(time.Hour))
	}
	table.RecordLookup(ID{}, epoch.Add(time.Hour))
	if got, want := targets(epoch.Add(time.Minute)), []int{1, 2, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The table reports every change, so that a log of them is complete.
func TestTableReportsChanges(t *testing.T) {
	table := NewTable(ID{}, 3)
	present := map[Node]bool{} // by the reports
	table.added = func(n Node) {
		if present[n] {
			t.Errorf("%v added twice", n)
		}
		present[n] = true
	}

	table.removed = func(n Node) {
		if !present[n] {
			t.Errorf("%v removed, not added", n)
		}
		delete(present, n)
	}

	rnd := newRand(4)
	pick := func(n int) int { return int(rnd.Uint64() % uint64(n)) }
	for i := range 20000 {
		n := Node{inBucket(pick(3), pick(8)).ID, testNode(ID{}, pick(24)).Addr}
		if pick(3) > 0 {
			table.RecordAnswer(n, epoch.Add(time.Duration(i)))
		} else {
			table.RecordFailure(n, epoch)
		}

		if i%100 == 0 {
			checkTable(t, table)
		}
	}

	nodes := table.Nodes()
	for _, n := range nodes {
		if !present[n] {
			t.Errorf("%v is there, but was not reported", n)
		}
	}

	if len(present) != len(nodes) {
		t.Errorf("reported %d, have %d", len(present), len(nodes))
	}
}

// checkTable verifies what holds for a table at any time.
func checkTable(t *testing.T, table *Table) {
	t.Helper()
	addrs := map[netip.AddrPort]bool{}
	for i := range table.buckets {
		b := &table.buckets[i]
		if len(b.contacts) > table.k || len(b.spares) > table.k {
			t.Fatalf("bucket %d has %d contacts and %d spares", i, len(b.contacts), len(b.spares))
		}
		if !slices.IsSortedFunc(b.contacts, func(a, b contact) int { return a.lastAnswer.Compare(b.lastAnswer) }) {
			t.Fatalf("bucket %d is not in the order of answers", i)
		}
		for _, c := range append(slices.Clone(b.contacts), b.spares...) {
			if addrs[c.Addr] || table.self.CommonPrefix(c.ID) != i {
				t.Fatalf("%v stands twice, or in the wrong bucket %d", c.Node, i)
			}
			addrs[c.Addr] = true
		}
	}
}
