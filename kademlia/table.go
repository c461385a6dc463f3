package kademlia

import (
	"io"
	"net/netip"
	"slices"
	"time"
)

// A contact with maxStrikes unanswered requests in a row leaves the table
// (paper, 4.1: "fails to respond to 5 RPCs"); with fewStrikes if another node
// waits for the place. One lost datagram evicts nobody.
const (
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
	contacts   []contact // at most k, least recently seen first
	spares     []contact // the replacement cache: at most k, newest last
	lastLookup time.Time // when a lookup of ours last went into this bucket's range
}

type contact struct {
	Node
	lastAnswer time.Time
	strikes    int // requests unanswered since then
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

// RecordAnswer enters n, which has just answered, or renews it. An address
// holds one contact: if it had another ID, that one leaves. A known ID keeps
// its address while that one answers, and takes the new one after the first
// strike: IDs are not signed, so anyone may claim one. A node for which there
// is no room waits in the replacement cache.
func (t *Table) RecordAnswer(n Node, now time.Time) {
	b := t.bucket(n.ID)
	if b == nil {
		return
	}
	t.removeOthersAt(n.Addr, n.ID)

	if i := b.index(n.ID); i >= 0 {
		t.renew(b, i, n, now)
		return
	}

	b.spares = slices.DeleteFunc(b.spares, func(c contact) bool { return c.ID == n.ID })
	if !t.netHasRoom(b, n) {
		return
	}

	if len(b.contacts) < t.k {
		b.contacts = append(b.contacts, contact{Node: n, lastAnswer: now})
		notify(t.added, n)
		return
	}

	// The bucket is full: n waits for a contact to leave.
	if len(b.spares) == t.k {
		b.spares = slices.Delete(b.spares, 0, 1)
	}
	b.spares = append(b.spares, contact{Node: n, lastAnswer: now})
}

// renew moves contact i of b, which has answered as n, to the end of b.
func (t *Table) renew(b *bucket, i int, n Node, now time.Time) {
	if old := b.contacts[i]; old.Addr != n.Addr {
		if old.strikes == 0 || !t.netHasRoom(b, n) {
			return
		}
		notify(t.removed, old.Node)
		notify(t.added, n)
	}
	b.contacts = append(slices.Delete(b.contacts, i, i+1), contact{Node: n, lastAnswer: now})
}

// RecordFailure counts a strike against n, which has not answered a request.
func (t *Table) RecordFailure(n Node) {
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
	c := t.self.CommonPrefix(target)

	if c < idBits {
		nodes = appendNodes(nodes, t.buckets[c:c+1], keep)
		if len(nodes) < count {
			nodes = appendNodes(nodes, t.buckets[c+1:], keep)
		}
	}
	for i := c - 1; i >= 0 && len(nodes) < count; i-- {
		nodes = appendNodes(nodes, t.buckets[i:i+1], keep)
	}

	slices.SortFunc(nodes, func(a, b Node) int { return compareDistance(target, a.ID, b.ID) })
	return nodes[:min(count, len(nodes))]
}

// appendNodes appends the contacts in buckets that keep allows to nodes.
func appendNodes(nodes []Node, buckets []bucket, keep func(*contact) bool) []Node {
	for i := range buckets {
		for j := range buckets[i].contacts {
			if c := &buckets[i].contacts[j]; keep(c) {
				nodes = append(nodes, c.Node)
			}
		}
	}
	return nodes
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

// LeastRecentlySeen returns the contact whose last answer is the longest ago,
// if that was before the given time.
func (t *Table) LeastRecentlySeen(before time.Time) (n Node, ok bool) {
	for i := range t.buckets {
		contacts := t.buckets[i].contacts
		if len(contacts) > 0 && contacts[0].lastAnswer.Before(before) {
			n, before, ok = contacts[0].Node, contacts[0].lastAnswer, true
		}
	}
	return n, ok
}

// RecordLookup remembers when a lookup for target is made.
func (t *Table) RecordLookup(target ID, now time.Time) {
	if b := t.bucket(target); b != nil {
		b.lastLookup = now
	}
}

// RefreshTargets returns a random ID, read from rnd, in the range of each
// bucket into which no lookup has gone since the given time (paper, 2.3). The
// buckets nearer to us than our nearest contact are most likely empty, and left
// out. The only error is that of rnd.
func (t *Table) RefreshTargets(since time.Time, rnd io.Reader) ([]ID, error) {
	var targets []ID
	for i := range t.deepestBucket() + 1 {
		if t.buckets[i].lastLookup.After(since) {
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

// deepestBucket returns the index of the last bucket with a contact, or -1.
func (t *Table) deepestBucket() int {
	for i := idBits - 1; i >= 0; i-- {
		if len(t.buckets[i].contacts) > 0 {
			return i
		}
	}
	return -1
}

// removeOthersAt removes what addr holds under another ID than id.
func (t *Table) removeOthersAt(addr netip.AddrPort, id ID) {
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
	notify(t.removed, b.contacts[i].Node)
	b.contacts = slices.Delete(b.contacts, i, i+1)

	last := len(b.spares) - 1
	if last < 0 {
		return
	}
	spare := b.spares[last]
	b.spares = b.spares[:last]

	// Contacts stand in the order of their last answers.
	at := slices.IndexFunc(b.contacts, func(c contact) bool { return c.lastAnswer.After(spare.lastAnswer) })
	if at < 0 {
		at = len(b.contacts)
	}
	b.contacts = slices.Insert(b.contacts, at, spare)
	notify(t.added, spare.Node)
}

// index returns the place of the contact with this ID, or -1.
func (b *bucket) index(id ID) int {
	return slices.IndexFunc(b.contacts, func(c contact) bool { return c.ID == id })
}

// notify calls f, unless that is nil, with a node that came or went.
func notify(f func(Node), n Node) {
	if f != nil {
		f(n)
	}
}
