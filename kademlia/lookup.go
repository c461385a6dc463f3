package kademlia

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A lookup sends lookupCap*k requests at most. An honest network needs
// little more than k; a hostile one could name ever nearer nodes for ever.
const lookupCap = 10

// Lookup returns the k nodes nearest to target of those that answer, nearest
// first; the node itself is never one (paper, 2.3). It returns [ErrNoContacts]
// if no node answers, [ErrClosed] once the server is closed, and ctx.Err().
func (s *Server) Lookup(ctx context.Context, target ID) ([]Node, error) {
	l, _, err := s.lookup(ctx, request{method: findNode, from: s.id, target: target})
	if err != nil {
		return nil, err
	}
	return l.result(), nil
}

// lookup asks ever nearer nodes q, a find_node or find_value, until the k
// nearest have answered or one has returned a value.
func (s *Server) lookup(ctx context.Context, q request) (l *lookup, value []byte, err error) {
	if err := s.checkOpen(ctx); err != nil {
		return nil, nil, err
	}

	l = s.startLookup(q.target)
	s.tellBegun(l)
	value, err = s.askNearer(ctx, l, q)
	s.tellEnded(l, err)
	return l, value, err
}

// askNearer asks the nodes of l, and those that they name, until l is done or
// one has returned a value.
func (s *Server) askNearer(ctx context.Context, l *lookup, q request) (value []byte, err error) {
	// Each request has a goroutine, which reports what comes of it. When we
	// leave, those under way are called off and waited for.
	outcomes := make(chan outcome)
	var queries sync.WaitGroup
	defer queries.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs first

	for !l.done() {
		// Ask as many nodes as may be asked now.
		for n, ok := l.next(); ok; n, ok = l.next() {
			s.tellAsks(l, n)
			queries.Go(func() { s.query(ctx, n, q, outcomes) })
		}

		// Wait for one outcome. It may name nearer nodes, or free a place.
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.done:
			return nil, ErrClosed
		case o := <-outcomes:
			s.recordOutcome(l, o)
			if o.err == nil && o.value != nil {
				return o.value, nil
			}
		}
	}

	if len(l.result()) == 0 {
		return nil, ErrNoContacts
	}
	return nil, nil
}

// checkOpen returns the error of a call that need not begin, or nil.
func (s *Server) checkOpen(ctx context.Context) error {
	select {
	case <-s.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}

// startLookup returns a lookup that knows the nearest contacts of our table, or
// stale ones if there are no others.
func (s *Server) startLookup(target ID) *lookup {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table.RecordLookup(target, time.Now())
	s.lookups++
	l := &lookup{number: s.lookups, self: s.id, target: target, k: s.k, alpha: s.alpha}
	nodes := s.table.Closest(target, s.k)
	if len(nodes) == 0 {
		nodes = s.table.closest(target, s.k, (*contact).stale)
	}
	for _, n := range nodes {
		l.add(n, 1)
	}
	return l
}

// An outcome is what came of one request of a lookup.
type outcome struct {
	node    Node
	delayed bool // nothing yet; another outcome follows
	response
	err error
}

// query asks n and reports what comes of it: once, or twice if n is slow.
func (s *Server) query(ctx context.Context, n Node, q request, outcomes chan<- outcome) {
	report := func(o outcome) {
		select {
		case outcomes <- o:
		case <-ctx.Done(): // the lookup has ended
		}
	}
	p, err := s.call(ctx, n.Addr, q, maxSends, func() { report(outcome{node: n, delayed: true}) })
	report(outcome{node: n, response: p, err: err})
}

// recordOutcome enters an outcome in l and in the routing table.
func (s *Server) recordOutcome(l *lookup, o outcome) {
	switch {
	case o.delayed:
		l.setState(o.node, delayed)

	case errors.Is(o.err, ErrClosed), errors.Is(o.err, context.Canceled), errors.Is(o.err, context.DeadlineExceeded):
		// says nothing about the node

	case o.err != nil:
		s.recordFailure(o.node)
		l.setState(o.node, failed)
		s.tellNoAnswer(l, o.node, o.err)

	default:
		s.recordAnswer(o.node)
		named := slices.DeleteFunc(o.nodes, func(n Node) bool {
			return !relayable(o.node.Addr.Addr(), n.Addr.Addr())
		})
		l.addAnswer(o.node, named)
		s.tellAnswer(l, o.node, len(named))
	}
}

// A lookup is the state of one search: the nodes we have heard of, nearest to
// the target first. It does no I/O.
type lookup struct {
	number       int // of this server's lookups: 1, 2, 3, …
	self, target ID
	k, alpha     int
	candidates   []candidate
	asked        int // requests made
	waiting      int // of these, how many hold one of the alpha places
	fruitless    int // answers in a row that named no node nearer than all before
}

type candidate struct {
	Node
	state state
	hops  int // 1 if from our own table, 2 if named by one of those, and so on
}

// A state says what has become of a candidate so far.
type state byte

const (
	unasked  state = iota
	waiting        // asked a moment ago
	delayed        // asked a while ago; its place is free, its answer still counts
	answered       //
	failed         // never asked again, never in the result
)

// done reports whether nothing is left to wait for: the k nearest have
// answered, or nobody else may be asked.
func (l *lookup) done() bool {
	for _, c := range l.nearest() {
		switch c.state {
		case waiting, delayed:
			return false
		case unasked:
			if l.asked < lookupCap*l.k {
				return false
			}
		}
	}
	return true
}

// next returns the node to ask now, if any. Alpha requests are under way at a
// time, or k once alpha answers in a row have brought the search no nearer.
func (l *lookup) next() (Node, bool) {
	places := l.alpha
	if l.fruitless >= l.alpha {
		places = l.k
	}
	if l.waiting >= places || l.asked >= lookupCap*l.k {
		return Node{}, false
	}

	for _, c := range l.nearest() {
		if c.state == unasked {
			c.state = waiting
			l.waiting++
			l.asked++
			return c.Node, true
		}
	}
	return Node{}, false
}

// nearest returns the k nearest candidates that have not failed.
func (l *lookup) nearest() []*candidate {
	near := make([]*candidate, 0, l.k)
	for i := range l.candidates {
		if c := &l.candidates[i]; c.state != failed && len(near) < l.k {
			near = append(near, c)
		}
	}
	return near
}

// result returns the k nearest nodes that answered, nearest first.
func (l *lookup) result() []Node {
	var nodes []Node
	for _, c := range l.candidates {
		if c.state == answered && len(nodes) < l.k {
			nodes = append(nodes, c.Node)
		}
	}
	return nodes
}

// addAnswer enters the answer of n: the nodes it named.
func (l *lookup) addAnswer(n Node, named []Node) {
	hops := 1
	if c := l.setState(n, answered); c != nil {
		hops += c.hops
	}

	before := l.nearestID()
	for _, other := range named {
		l.add(other, hops)
	}
	if l.nearestID() != before {
		l.fruitless = 0
	} else {
		l.fruitless++
	}
}

// nearestID returns the ID of the nearest candidate that has not failed, or
// the lookup's own, which no candidate has, if there is none.
func (l *lookup) nearestID() ID {
	for _, c := range l.candidates {
		if c.state != failed {
			return c.ID
		}
	}
	return l.self
}

// setState moves n to a state. It returns n's candidate, or nil if that is gone.
func (l *lookup) setState(n Node, to state) *candidate {
	c := l.find(n)
	if c == nil {
		return nil
	}
	if c.state == waiting {
		l.waiting--
	}
	c.state = to
	return c
}

// find returns n's candidate, or nil if that is gone.
func (l *lookup) find(n Node) *candidate {
	for i := range l.candidates {
		if l.candidates[i].Node == n {
			return &l.candidates[i]
		}
	}
	return nil
}

// add enters a node that somebody named. The node itself and a second node at
// one address are left out; a second address of one node is not, since the first
// may be a liar's. Left out, too, are nodes far beyond what the lookup can ask.
// Those it has asked stay, for their answers count.
func (l *lookup) add(n Node, hops int) {
	known := func(c candidate) bool { return c.Addr == n.Addr }
	if n.ID == l.self || slices.ContainsFunc(l.candidates, known) {
		return
	}

	// Behind those that are as near, which we have heard of before.
	i, _ := slices.BinarySearchFunc(l.candidates, n.ID, func(c candidate, id ID) int {
		return cmp.Or(compareDistance(l.target, c.ID, id), -1)
	})
	l.candidates = slices.Insert(l.candidates, i, candidate{Node: n, hops: hops})

	// Of too many, the farthest that is not asked yet leaves.
	if len(l.candidates) <= lookupCap*l.k { // no fewer than may be asked
		return
	}
	for i, c := range slices.Backward(l.candidates) {
		if c.state == unasked {
			l.candidates = slices.Delete(l.candidates, i, i+1)
			return
		}
	}
}
