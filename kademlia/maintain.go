package kademlia

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"time"
)

const (
	checkEvery   = 10 * time.Second // give or take half: one contact is pinged
	recheckAfter = 2 * time.Second  // when that one was silent
	refreshEvery = time.Hour        // each bucket (paper, 2.3)

	// While the table is small, the seeds are asked again: after joinPause,
	// then after twice as long each time, up to maxJoinPause.
	joinPause    = time.Second
	maxJoinPause = time.Minute
)

// Bootstrap joins the network that the seeds are nodes of. It asks all of them
// and returns when the first to answer has led it to its neighbours. From then
// on, whenever the table holds fewer than k contacts, the node asks its seeds
// again in the background, so a seed may come up later, or be this node itself.
//
// [ErrNoContacts] is what a network's first node gets: nobody else is there
// yet. [ErrSameID] means that the only seeds to answer have this node's ID, and
// are not this node. Seeds add up over several calls.
func (s *Server) Bootstrap(ctx context.Context, seeds ...netip.AddrPort) error {
	s.mu.Lock()
	for _, seed := range seeds {
		if seed = unmap(seed); !slices.Contains(s.seeds, seed) {
			s.seeds = append(s.seeds, seed)
		}
	}
	s.mu.Unlock()

	err := s.join(ctx)
	s.wakeMaintenance()
	return err
}

// join pings the seeds and, as soon as one has answered or all are silent,
// looks up the node's own ID: that fills the table with its neighbours and
// tells them about it (paper, 2.3). It does not wait for the seeds that are
// slower.
func (s *Server) join(ctx context.Context) error {
	answers, count := s.pingSeeds()
	if err := s.awaitSeed(ctx, answers, count); err != nil {
		return err
	}
	_, err := s.Lookup(ctx, s.id)
	return err
}

// pingSeeds pings all seeds in the background. For each, count in all, the
// channel brings nil if another node has answered, or why it has not.
func (s *Server) pingSeeds() (answers <-chan error, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(chan error, len(s.seeds))
	for _, seed := range s.seeds {
		if s.closed {
			break
		}
		s.wg.Go(func() {
			n, err := s.Ping(context.Background(), seed)
			if err == nil && n.ID == s.id {
				err = ErrNoContacts
			}
			found <- err
		})
	}
	return found, len(s.seeds)
}

// awaitSeed waits for an answer that is nil, or for all of count answers. Of the
// others only that a seed has our ID is an error: to look up works without
// seeds, once there are contacts.
func (s *Server) awaitSeed(ctx context.Context, answers <-chan error, count int) error {
	var sameID error
	for range count {
		select {
		case err := <-answers:
			if err == nil {
				return nil
			}
			if errors.Is(err, ErrSameID) {
				sameID = err
			}
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return sameID
}

// Ping asks the node at addr for its ID. A node that answers enters the table,
// if there is room. This node's own ID means that addr is its own address; if
// another node has that ID, the error is [ErrSameID].
func (s *Server) Ping(ctx context.Context, addr netip.AddrPort) (Node, error) {
	return s.ping(ctx, addr, maxSends)
}

// ping is [Server.Ping] with a limit on how often the request is sent.
func (s *Server) ping(ctx context.Context, addr netip.AddrPort, sends int) (Node, error) {
	n := Node{Addr: unmap(addr)}
	p, err := s.call(ctx, n.Addr, request{method: ping, from: s.id}, sends, nil)
	if err != nil {
		return Node{}, err
	}
	n.ID = p.id

	// Two addresses, one ID: it stays with the old one if that still answers.
	s.mu.Lock()
	old, known := s.table.Contact(n.ID)
	s.mu.Unlock()
	if known && old.Addr != n.Addr {
		if err := s.checkContact(ctx, old); errors.Is(err, ErrClosed) || ctx.Err() != nil {
			return Node{}, err
		}
	}

	s.recordPong(n)
	return n, nil
}

// checkContact pings the contact n and enters the outcome in the table.
func (s *Server) checkContact(ctx context.Context, n Node) error {
	p, err := s.call(ctx, n.Addr, request{method: ping, from: s.id}, maxSends, nil)
	switch {
	case errors.Is(err, ErrClosed) || ctx.Err() != nil:
		return err
	case err == nil && p.id != s.id:
		s.recordPong(Node{p.id, n.Addr}) // under another ID, it takes the place of n
	default:
		s.recordFailure(n)
	}
	return err
}

// recordPong enters n, which has answered a ping with its ID, in the table.
func (s *Server) recordPong(n Node) {
	if n.ID == s.id {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.table.RecordAnswer(n, now)
	s.proofs.known.put(n.Addr, n.ID, now)
}

// recordAnswer renews n, which has answered another request than a ping. That
// does not show its ID: n.ID is hearsay until it has answered a ping, too.
func (s *Server) recordAnswer(n Node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.hasProven(n):
		s.table.RecordAnswer(n, time.Now())
	case s.table.HasRoom(n):
		s.startProof(n.Addr, maxSends)
	}
}

// recordFailure counts against n that it has not answered, or not as agreed.
func (s *Server) recordFailure(n Node) {
	s.mu.Lock()
	s.table.RecordFailure(n)
	empty := s.table.Len() == 0
	s.mu.Unlock()
	if empty {
		s.wakeMaintenance()
	}
}

// maintain keeps the table fresh until the server is closed: it pings the
// contact least recently heard of, makes lookups into buckets that saw none
// for an hour, and joins again while the table is small.
func (s *Server) maintain() {
	ctx := context.Background() // every call ends when s is closed
	check := time.NewTimer(s.jitter(checkEvery))
	defer check.Stop()
	pause := joinPause
	join := time.NewTimer(pause)
	defer join.Stop()

	for {
		select {
		case <-s.done:
			return

		case <-s.wake:
			s.refreshBuckets(ctx)
			pause = joinPause
			join.Reset(pause)

		case <-join.C:
			if s.needsSeeds() && s.join(ctx) == nil {
				s.refreshBuckets(ctx)
			}
			pause = min(2*pause, maxJoinPause)
			join.Reset(pause)

		case <-check.C:
			check.Reset(s.jitter(s.revalidate(ctx)))
			s.refreshBuckets(ctx)
		}
	}
}

// wakeMaintenance makes maintain look at the table now.
func (s *Server) wakeMaintenance() {
	select {
	case s.wake <- struct{}{}:
	default: // it will anyway
	}
}

// needsSeeds reports whether there are seeds to ask and few contacts.
func (s *Server) needsSeeds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seeds) > 0 && s.table.Len() < s.k
}

// revalidate pings the contact that has been silent for longest. It returns
// how long to wait before the next one.
func (s *Server) revalidate(ctx context.Context) time.Duration {
	s.mu.Lock()
	n, ok := s.table.LeastRecentlySeen(time.Now().Add(-checkEvery / 2))
	s.mu.Unlock()
	if ok && s.checkContact(ctx, n) != nil {
		return recheckAfter
	}
	return checkEvery
}

// refreshBuckets makes a lookup in each bucket that has had none for
// refreshEvery; just after joining, these are all.
func (s *Server) refreshBuckets(ctx context.Context) {
	s.mu.Lock()
	targets, err := s.table.RefreshTargets(time.Now().Add(-refreshEvery), s.rand)
	s.mu.Unlock()
	if err != nil {
		s.log.Warn("refresh", "err", err)
	}

	for _, target := range targets {
		if _, err := s.Lookup(ctx, target); errors.Is(err, ErrClosed) {
			return
		}
	}
}

// jitter returns a duration of d give or take half, so that nodes which start
// together do not stay in step.
func (s *Server) jitter(d time.Duration) time.Duration {
	var b [1]byte
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return d
	}
	return d/2 + d*time.Duration(b[0])/255
}
