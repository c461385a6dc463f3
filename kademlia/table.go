package kademlia

import (
	"io"
	"net/netip"
	"slices"
	"time"
)

// A contact with maxStrikes unanswered requests in a row is stale (paper, 4.1:
// "fails to respond to 5 RPCs"); with fewStrikes it leaves if another node waits
// for the place. One lost datagram harms nobody.
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
// A stale contact keeps its place, too, until another node wants it (paper, 4.1):
// when nobody answers, the fault may be our own, and then we still know whom to
// ask. Below, "contacts" are those that aren't stale, unless it says otherwise.
//
// A Table does no I/O and takes the time as an argument. It has no lock: it
// is not safe for use by several goroutines.
type Table struct {
	self    ID
	k       int
	buckets [idBits]bucket

	added, removed func(Node)                // called for every change, may be nil
	isSeed         func(netip.AddrPort) bool // whether the limits in trust.go don't apply; nil: they always do
}

type bucket struct {
	contacts   []contact // at most k, stale ones among them, least recently seen first
	spares     []contact // the replacement cache: at most k, newest last
	lastLookup time.Time // when a lookup of ours last went into this bucket's range
}

type contact struct {
	Node
	lastAnswer time.Time
	strikes    int       // requests unanswered since then
	lastStrike time.Time // the last of them
}

// stale reports whether c has not answered for so long that nobody counts on it.
func (c *contact) stale() bool { return c.strikes >= maxStrikes }

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

// RecordAnswer enters n, which has just answered, or renews it. A contact is an
// ID at an address: one ID may stand at two, since it isn't signed and anyone may
// claim it, but an address holds one contact. If it had another ID, that one
// leaves. A node for which there is no room waits in the replacement cache.
func (t *Table) RecordAnswer(n Node, now time.Time) {
	b := t.bucket(n.ID)
	if b == nil {
		return
	}
	t.removeOthersAt(n.Addr, n.ID)

	if i := b.index(n); i >= 0 && !b.contacts[i].stale() {
		b.contacts = append(slices.Delete(b.contacts, i, i+1), contact{Node: n, lastAnswer: now})
		return
	}

	// It enters anew, whether it was stale, a spare, or unknown.
	isN := func(c contact) bool { return c.Node == n }
	b.contacts = slices.DeleteFunc(b.contacts, isN)
	b.spares = slices.DeleteFunc(b.spares, isN)
	if !t.netHasRoom(b, n) {
		return
	}

	if len(b.contacts) == t.k {
		b.dropStale()
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

// RecordFailure counts a strike against n, which has not answered a request.
func (t *Table) RecordFailure(n Node, now time.Time) {
	b := t.bucket(n.ID)
	if b == nil {
		return
	}
	b.spares = slices.DeleteFunc(b.spares, func(c contact) bool { return c.Node == n })

	i := b.index(n)
	if i < 0 {
		return
	}
	c := &b.contacts[i]
	c.strikes++
	c.lastStrike = now
	if c.strikes == maxStrikes {
		notify(t.removed, n)
	}
	if c.strikes >= fewStrikes && len(b.spares) > 0 {
		t.remove(b, i)
	}
}

// Closest returns the count contacts nearest to target, nearest first, or all
// if there are fewer.
func (t *Table) Closest(target ID, count int) []Node {
	return t.closest(target, count, func(c *contact) bool { return !c.stale() })
}

// closest is [Table.Closest] among those that keep allows, stale ones included.
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

// appendNodes appends those in buckets that keep allows to nodes.
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
	return appendNodes(nil, t.buckets[:], func(c *contact) bool { return !c.stale() })
}

// Len returns the number of contacts.
func (t *Table) Len() int {
	n := 0
	for i := range t.buckets {
		n += t.buckets[i].countLive()
	}
	return n
}

// HasRoom reports whether n is unknown or stale and would become a contact.
func (t *Table) HasRoom(n Node) bool {
	b := t.bucket(n.ID)
	if b == nil || b.countLive() == t.k {
		return false
	}
	i := b.index(n)
	return (i < 0 || b.contacts[i].stale()) && t.netHasRoom(b, n)
}

// LeastRecentlySeen returns the contact whose last answer is the longest ago,
// if that was before the given time.
func (t *Table) LeastRecentlySeen(before time.Time) (n Node, ok bool) {
	return t.oldest(before, func(c *contact) (time.Time, bool) { return c.lastAnswer, !c.stale() })
}

// leastRecentlyTried returns the stale contact whose last try is the longest ago,
// if that was before the given time.
func (t *Table) leastRecentlyTried(before time.Time) (n Node, ok bool) {
	return t.oldest(before, func(c *contact) (time.Time, bool) { return c.lastStrike, c.stale() })
}

// oldest returns, of the contacts that count, stale or not, the one with the
// earliest time, if that is before the given time.
func (t *Table) oldest(before time.Time, when func(*contact) (at time.Time, counts bool)) (n Node, ok bool) {
	for i := range t.buckets {
		for j := range t.buckets[i].contacts {
			c := &t.buckets[i].contacts[j]
			if at, counts := when(c); counts && at.Before(before) {
				n, before, ok = c.Node, at, true
			}
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

// deepestBucket returns the index of the last bucket with a contact, stale or
// not, or -1.
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
	if c := &b.contacts[i]; !c.stale() {
		notify(t.removed, c.Node)
	}
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

// dropStale removes the stale contact that has been silent for longest, if any.
func (b *bucket) dropStale() {
	i := slices.IndexFunc(b.contacts, func(c contact) bool { return c.stale() })
	if i >= 0 {
		b.contacts = slices.Delete(b.contacts, i, i+1)
	}
}

// index returns the place of n among the contacts, stale or not, or -1.
func (b *bucket) index(n Node) int {
	return slices.IndexFunc(b.contacts, func(c contact) bool { return c.Node == n })
}

// countLive returns the number of contacts that aren't stale.
func (b *bucket) countLive() (n int) {
	for i := range b.contacts {
		if !b.contacts[i].stale() {
			n++
		}
	}
	return n
}

// notify calls f, unless that is nil, with a node that came or went.
func notify(f func(Node), n Node) {
	if f != nil {
		f(n)
	}
}
