package kademlia

import (
	"io"
	"net/netip"
	"slices"
	"time"
)

// Limits of the routing table.
const (
	// A contact with maxStrikes unanswered requests in a row leaves the table
	// (paper, 4.1: "fails to respond to 5 RPCs"); with fewStrikes if another
	// node waits for the place. One lost datagram evicts nobody.
	maxStrikes = 5
	fewStrikes = 2
)

// A Table is the routing table of one node. Its 160 buckets hold contacts by
// how far they are from the node itself: bucket i those that share exactly i
// leading bits with it, so the table knows its own corner of the ID space in
// full and ever less of what is far away. A bucket holds k contacts at most;
// old contacts that still answer keep their place against new ones, since a
// node that has been up for long is likely to stay up (paper, 2.4).
//
// A Table does no I/O and takes the time as an argument. It has no lock: it
// is not safe for use by several goroutines.
type Table struct {
	self    ID
	k       int
	buckets [idBits]bucket

	added, removed func(Node) // called for every change, may be nil
}

type bucket struct {
	contacts []contact // at most k, least recently seen first
	spares   []contact // the replacement cache: at most k, newest last
	looked   time.Time // when a lookup of ours last went into this bucket's range
}

type contact struct {
	Node
	seen    time.Time // its last answer
	strikes int       // requests unanswered since then
}

// NewTable returns the empty table of the node self with buckets of size k.
func NewTable(self ID, k int) *Table { return &Table{self: self, k: k} }

// bucket returns the bucket that id belongs in, or nil for the own ID, which
// belongs in none.
func (t *Table) bucket(id ID) *bucket {
	i := t.self.CommonPrefix(id)
	if i == idBits {
		return nil
	}
	return &t.buckets[i]
}

// Seen enters n, which has just answered, or renews it. An address holds one
// contact: if it had another ID, that one leaves. A known ID keeps its address
// while that one answers, and takes the new one after the first strike: IDs
// are not signed, so anyone may claim one. A node for which there is no room
// waits in the replacement cache.
func (t *Table) Seen(n Node, now time.Time) {
	b := t.bucket(n.ID)
	if b == nil {
		return
	}
	t.leave(n.Addr, n.ID)
	if i := b.index(n.ID); i >= 0 {
		c := b.contacts[i]
		if c.Addr != n.Addr {
			if c.strikes == 0 || !t.netHasRoom(b, n) {
				return
			}
			t.note(t.removed, c.Node)
			t.note(t.added, n)
		}
		b.contacts = append(slices.Delete(b.contacts, i, i+1), contact{Node: n, seen: now})
		return
	}
	b.spares = slices.DeleteFunc(b.spares, func(c contact) bool { return c.ID == n.ID })
	if !t.netHasRoom(b, n) {
		return
	}
	if len(b.contacts) < t.k {
		b.contacts = append(b.contacts, contact{Node: n, seen: now})
		t.note(t.added, n)
		return
	}
	if len(b.spares) == t.k {
		b.spares = slices.Delete(b.spares, 0, 1)
	}
	b.spares = append(b.spares, contact{Node: n, seen: now})
}

// Failed notes that n did not answer a request.
func (t *Table) Failed(n Node) {
	b := t.bucket(n.ID)
	if b == nil {
		return
	}
	b.spares = slices.DeleteFunc(b.spares, func(c contact) bool { return c.Node == n })
	i := b.index(n.ID)
	if i < 0 || b.contacts[i].Addr != n.Addr {
		return
	}
	c := &b.contacts[i]
	c.strikes++
	if c.strikes >= maxStrikes || c.strikes >= fewStrikes && len(b.spares) > 0 {
		t.remove(b, i)
	}
}

// Closest returns the count contacts nearest to target, nearest first, or all
// if there are fewer.
func (t *Table) Closest(target ID, count int) []Node {
	return t.closest(target, count, func(*contact) bool { return true })
}

// closest is [Table.Closest] among the contacts that keep allows.
//
// Let the target share c leading bits with us. Contacts in bucket c share more
// than c with the target, those in the buckets after it exactly c, and those
// in a bucket i before it exactly i. So c, the buckets after it as one, c-1,
// c-2, … 0 is the order of distance, and the rest can wait once there are enough.
func (t *Table) closest(target ID, count int, keep func(*contact) bool) []Node {
	nodes := make([]Node, 0, count+t.k)
	take := func(buckets []bucket) {
		for i := range buckets {
			for j := range buckets[i].contacts {
				if c := &buckets[i].contacts[j]; keep(c) {
					nodes = append(nodes, c.Node)
				}
			}
		}
	}
	c := t.self.CommonPrefix(target)
	if c < idBits {
		take(t.buckets[c : c+1])
		if len(nodes) < count {
			take(t.buckets[c+1:])
		}
	}
	for i := c - 1; i >= 0 && len(nodes) < count; i-- {
		take(t.buckets[i : i+1])
	}
	slices.SortFunc(nodes, func(a, b Node) int { return compareDistance(target, a.ID, b.ID) })
	return nodes[:min(count, len(nodes))]
}

// Nodes returns all contacts, farthest bucket first.
func (t *Table) Nodes() []Node {
	nodes := make([]Node, 0, t.Len())
	for i := range t.buckets {
		for _, c := range t.buckets[i].contacts {
			nodes = append(nodes, c.Node)
		}
	}
	return nodes
}

// Len returns the number of contacts.
func (t *Table) Len() int {
	n := 0
	for i := range t.buckets {
		n += len(t.buckets[i].contacts)
	}
	return n
}

// Contact returns the contact with this ID.
func (t *Table) Contact(id ID) (Node, bool) {
	if b := t.bucket(id); b != nil {
		if i := b.index(id); i >= 0 {
			return b.contacts[i].Node, true
		}
	}
	return Node{}, false
}

// HasRoom reports whether n is unknown and would become a contact.
func (t *Table) HasRoom(n Node) bool {
	b := t.bucket(n.ID)
	return b != nil && len(b.contacts) < t.k && b.index(n.ID) < 0 && t.netHasRoom(b, n)
}

// Oldest returns the contact whose last answer is the longest ago, if that was
// before before.
func (t *Table) Oldest(before time.Time) (oldest Node, ok bool) {
	for i := range t.buckets {
		if cs := t.buckets[i].contacts; len(cs) > 0 && cs[0].seen.Before(before) {
			oldest, before, ok = cs[0].Node, cs[0].seen, true
		}
	}
	return oldest, ok
}

// Looked notes that a lookup for target is made.
func (t *Table) Looked(target ID, now time.Time) {
	if b := t.bucket(target); b != nil {
		b.looked = now
	}
}

// Stale returns a random target, read from rnd, in the range of each bucket
// into which no lookup has gone since before. Buckets nearer to us than our
// nearest contact are most likely empty, and left out.
func (t *Table) Stale(before time.Time, rnd io.Reader) ([]ID, error) {
	var targets []ID
	for i := range t.deepest() + 1 {
		if t.buckets[i].looked.After(before) {
			continue
		}
		target, err := t.self.randomID(i, rnd)
		if err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// deepest returns the index of the last bucket with a contact, or -1.
func (t *Table) deepest() int {
	for i := idBits - 1; i >= 0; i-- {
		if len(t.buckets[i].contacts) > 0 {
			return i
		}
	}
	return -1
}

func (t *Table) note(f func(Node), n Node) {
	if f != nil {
		f(n)
	}
}

// leave removes what addr holds under another ID than id.
func (t *Table) leave(addr netip.AddrPort, id ID) {
	other := func(c contact) bool { return c.Addr == addr && c.ID != id }
	for i := range t.buckets {
		b := &t.buckets[i]
		b.spares = slices.DeleteFunc(b.spares, other)
		if j := slices.IndexFunc(b.contacts, other); j >= 0 {
			t.remove(b, j)
		}
	}
}

// remove takes contact i out of b; the newest spare takes its place.
func (t *Table) remove(b *bucket, i int) {
	t.note(t.removed, b.contacts[i].Node)
	b.contacts = slices.Delete(b.contacts, i, i+1)
	if last := len(b.spares) - 1; last >= 0 {
		spare := b.spares[last]
		b.spares = b.spares[:last]
		at := slices.IndexFunc(b.contacts, func(c contact) bool { return c.seen.After(spare.seen) })
		if at < 0 {
			at = len(b.contacts)
		}
		b.contacts = slices.Insert(b.contacts, at, spare)
		t.note(t.added, spare.Node)
	}
}

func (b *bucket) index(id ID) int {
	return slices.IndexFunc(b.contacts, func(c contact) bool { return c.ID == id })
}
