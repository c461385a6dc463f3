package kademlia

import (
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
// first; the node itself is never one. It returns [ErrNoContacts] if no node
// answers, [ErrClosed] once the server is closed, and ctx.Err().
func (s *Server) Lookup(ctx context.Context, target ID) ([]Node, error) {
	l, _, err := s.lookup(ctx, request{method: findNode, from: s.id, target: target})
	if err != nil {
		return nil, err
	}
	return l.result(), nil
}

// An outcome is what came of one request of a lookup.
type outcome struct {
	node Node
	late bool // nothing yet
	response
	err error
}

// lookup asks ever nearer nodes q, a find_node or find_value, until the k
// nearest have answered or one has returned a value.
func (s *Server) lookup(ctx context.Context, q request) (l *lookup, value []byte, err error) {
	select {
	case <-s.done:
		return nil, nil, ErrClosed
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	default:
	}
	outcomes := make(chan outcome)
	var queries sync.WaitGroup
	defer queries.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs first
	report := func(o outcome) {
		select {
		case outcomes <- o:
		case <-ctx.Done():
		}
	}

	l = s.startLookup(q.target)
	for {
		for n, ok := l.next(); ok; n, ok = l.next() {
			queries.Go(func() {
				p, err := s.call(ctx, n.Addr, q, maxSends, func() { report(outcome{node: n, late: true}) })
				report(outcome{node: n, response: p, err: err})
			})
		}
		if l.done() {
			break
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-s.done:
			return nil, nil, ErrClosed
		case o := <-outcomes:
			if value := s.learn(l, o); value != nil {
				return l, value, nil
			}
		}
	}
	if len(l.result()) == 0 {
		return nil, nil, ErrNoContacts
	}
	return l, nil, nil
}

// startLookup returns a lookup that knows the nearest contacts of our table.
func (s *Server) startLookup(target ID) *lookup {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table.Looked(target, time.Now())
	l := &lookup{self: s.id, target: target, k: s.k, alpha: s.alpha}
	for _, n := range s.table.Closest(target, s.k) {
		l.add(n, 1)
	}
	return l
}

// learn enters an outcome in l and in the routing table. It returns the value
// if that is what came.
func (s *Server) learn(l *lookup, o outcome) []byte {
	switch {
	case o.late:
		l.slow(o.node)
	case errors.Is(o.err, ErrClosed), errors.Is(o.err, context.Canceled), errors.Is(o.err, context.DeadlineExceeded):
		// says nothing about the node
	case o.err != nil:
		s.failed(o.node)
		l.failed(o.node)
	default:
		s.answered(o.node)
		found := slices.DeleteFunc(o.nodes, func(n Node) bool {
			return !relayable(o.node.Addr.Addr(), n.Addr.Addr())
		})
		l.answered(o.node, found)
		return o.value
	}
	return nil
}

// A lookup is the state of one search: the nodes heard of, nearest to the
// target first. It does no I/O.
type lookup struct {
	self, target ID
	k, alpha     int
	candidates   []candidate
	asked        int // requests made
	waiting      int // of these, how many hold one of the alpha places
	barren       int // answers in a row that named no node nearer than all before
}

type candidate struct {
	Node
	state state
	hops  int // 1 if from our own table, 2 if named by one of those, and so on
}

type state byte

const (
	heard    state = iota // not asked yet
	waiting               // asked a moment ago
	slow                  // asked a while ago; its place is free, its answer still counts
	answered              //
	failed                // never asked again, never in the result
)

// add notes a node that somebody named. The node itself, a node that is known,
// and a second node at one address are left out; so are nodes far beyond what
// the lookup can ask. Those it has asked stay, for their answers count.
func (l *lookup) add(n Node, hops int) {
	known := func(c candidate) bool {
		return c.Addr == n.Addr || c.ID == n.ID && c.state != failed
	}
	if n.ID == l.self || slices.ContainsFunc(l.candidates, known) {
		return
	}
	i, _ := slices.BinarySearchFunc(l.candidates, n.ID, func(c candidate, id ID) int {
		return compareDistance(l.target, c.ID, id)
	})
	l.candidates = slices.Insert(l.candidates, i, candidate{Node: n, hops: hops})
	if len(l.candidates) <= lookupCap*l.k { // no fewer than may be asked
		return
	}
	for i, c := range slices.Backward(l.candidates) {
		if c.state == heard {
			l.candidates = slices.Delete(l.candidates, i, i+1)
			return
		}
	}
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

// next returns the node to ask now, if any. Alpha requests are under way at a
// time, or k once alpha answers in a row have brought the search no nearer.
func (l *lookup) next() (Node, bool) {
	places := l.alpha
	if l.barren >= l.alpha {
		places = l.k
	}
	if l.waiting >= places || l.asked >= lookupCap*l.k {
		return Node{}, false
	}
	for _, c := range l.nearest() {
		if c.state == heard {
			c.state = waiting
			l.waiting++
			l.asked++
			return c.Node, true
		}
	}
	return Node{}, false
}

// done reports whether nothing is left to wait for: the k nearest have
// answered, or nobody else may be asked.
func (l *lookup) done() bool {
	for _, c := range l.nearest() {
		if c.state == waiting || c.state == slow || c.state == heard && l.asked < lookupCap*l.k {
			return false
		}
	}
	return true
}

// settle moves n to a state. It returns n's candidate, or nil if that is gone.
func (l *lookup) settle(n Node, to state) *candidate {
	for i := range l.candidates {
		c := &l.candidates[i]
		if c.Node == n {
			if c.state == waiting {
				l.waiting--
			}
			c.state = to
			return c
		}
	}
	return nil
}

func (l *lookup) slow(n Node)   { l.settle(n, slow) }
func (l *lookup) failed(n Node) { l.settle(n, failed) }

func (l *lookup) answered(n Node, found []Node) {
	hops := 1
	if c := l.settle(n, answered); c != nil {
		hops += c.hops
	}
	before := l.nearest()
	var best ID
	if len(before) > 0 {
		best = before[0].ID
	}
	for _, f := range found {
		l.add(f, hops)
	}
	if after := l.nearest(); len(after) > 0 && after[0].ID != best {
		l.barren = 0
	} else {
		l.barren++
	}
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
