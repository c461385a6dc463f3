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
	checkEvery    = 10 * time.Second // give or take half: one contact is pinged
	recheckAfter  = 2 * time.Second  // when that one was silent
	tryStaleEvery = 30 * time.Second // each stale contact at most, one a check
	refreshEvery  = time.Hour        // each bucket (paper, 2.3)

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
// yet. Seeds add up over several calls.
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

// pingSeeds pings all seeds in the background, and the addresses at which nodes
// answered earlier. For each of these, count in all, the channel tells whether
// another node has answered.
func (s *Server) pingSeeds() (answers <-chan bool, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	addrs := slices.Concat(s.seeds, s.earlier)
	found := make(chan bool, len(addrs))
	for _, addr := range addrs {
		if s.closed {
			break
		}
		s.wg.Go(func() {
			n, err := s.Ping(context.Background(), addr)
			found <- err == nil && n.ID != s.id
		})
	}
	return found, len(addrs)
}

// awaitSeed waits until another node has answered, or count addresses are done.
// That none has is no error: a lookup needs no seeds once there are contacts.
func (s *Server) awaitSeed(ctx context.Context, answers <-chan bool, count int) error {
	for range count {
		select {
		case ok := <-answers:
			if ok {
				return nil
			}
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Ping asks the node at addr for its ID. A node that answers enters the table,
// if there is room. This node's own ID means that addr is its own address.
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
	s.recordPong(n)
	return n, nil
}

// PingAnew pings the node at addr in the background, under an ID that nobody
// knows. A Python node, which dials each ID only once, takes us for another node,
// and dials us again.
func (s *Server) PingAnew(addr netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id ID
	if _, err := io.ReadFull(s.rand, id[:]); err != nil || s.closed {
		return
	}
	s.wg.Go(func() {
		_, _ = s.call(context.Background(), unmap(addr), request{method: ping, from: id}, maxSends, nil)
	})
}

// checkContact pings the contact n and reports whether somebody has answered at
// its address: under another ID, that node takes the place of n.
func (s *Server) checkContact(ctx context.Context, n Node) bool {
	got, err := s.Ping(ctx, n.Addr)
	if errors.Is(err, ErrClosed) || ctx.Err() != nil {
		return false
	}
	if err != nil || got.ID == s.id {
		s.recordFailure(n)
		return false
	}
	return true
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
	before := s.table.Len()
	s.table.RecordFailure(n, time.Now())
	lostLast := before > 0 && s.table.Len() == 0
	s.mu.Unlock()
	if lostLast {
		s.wakeMaintenance()
	}
}

// maintain keeps the table fresh until the server is closed: it pings the
// contact least recently heard of, tries stale ones, makes lookups into buckets
// that saw none for an hour, and joins again while the table is small.
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

// needsSeeds reports whether there are few contacts, and anybody to ask for more.
func (s *Server) needsSeeds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seeds)+len(s.earlier) > 0 && s.table.Len() < s.k
}

// revalidate pings the contact that has been silent for longest, and a stale one,
// if one is due. It returns how long to wait until the next time.
func (s *Server) revalidate(ctx context.Context) time.Duration {
	now := time.Now()
	s.mu.Lock()
	n, ok := s.table.LeastRecentlySeen(now.Add(-checkEvery / 2))
	stale, tryStale := s.table.leastRecentlyTried(now.Add(-tryStaleEvery))
	s.mu.Unlock()

	wait := checkEvery
	if ok && !s.checkContact(ctx, n) {
		wait = recheckAfter
	}
	if tryStale {
		s.checkContact(ctx, stale)
	}
	return wait
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
