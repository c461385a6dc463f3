package kademlia

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

const (
	// An address that answers has proven that it is not forged; we believe it
	// for proofTTL. Until then it gets no answer that is longer than its
	// question, and may not store anything.
	proofTTL  = 24 * time.Hour
	maxProofs = 8192
	maxOpen   = 64 // proofs under way
	maxHeld   = 64 // requests that wait for one

	maxTold = 100 // nodes found and lost that are logged in a minute

	// Addresses of one network are cheap for one owner, so few of them enter
	// (go-ethereum's figures). Private networks are exempt.
	perBucketAndNet = 2
	perTableAndNet  = 10
)

// handleOwnID takes a request that claims to come from this node. It does, if
// we wait for its answer: then somebody gave us our own address. Otherwise
// another node runs under our ID, most likely from a copy of our files.
func (s *Server) handleOwnID(from netip.AddrPort, id messageID, q request) {
	s.mu.Lock()
	own := false
	for key := range s.pending {
		own = own || key.id == id
	}
	_, warned := s.noted["own ID"]
	if !own {
		s.noted["own ID"] = time.Now()
	}
	s.mu.Unlock()
	if !own && !warned {
		s.log.Warn("another node uses the ID of this one", "peer", from, "id", s.id.String())
	}
	if q.method == ping {
		s.answer(from, id, q)
	}
}

type heldRequest struct {
	request request
	id      messageID
}

// proven reports whether n has answered from its address with its ID not long
// ago. s.mu is held.
func (s *Server) proven(n Node) bool {
	id, ok := s.proofs.get(n.Addr, time.Now())
	return ok && id == n.ID
}

// prove pings addr in the background, sends times at most, to see whether
// someone is there and under which ID. It reports whether such a proof is now
// under way: there is one at a time for an address, and maxOpen in all.
// s.mu is held.
func (s *Server) prove(addr netip.AddrPort, sends int) bool {
	if _, ok := s.open[addr]; ok {
		return true
	}
	if s.closed || len(s.open) >= maxOpen {
		return false
	}
	s.open[addr] = nil
	s.wg.Go(func() {
		n, err := s.ping(context.Background(), addr, sends)
		s.mu.Lock()
		held := s.open[addr]
		delete(s.open, addr)
		s.held -= len(held)
		s.mu.Unlock()
		for _, h := range held {
			if err == nil && h.request.from == n.ID {
				s.answer(addr, h.id, h.request)
			}
		}
	})
	return true
}

// hold keeps a request until its sender has proven its address, or reports
// that there is no room for it. s.mu is held.
func (s *Server) hold(from netip.AddrPort, h heldRequest) bool {
	if s.held >= maxHeld || !s.prove(from, maxSends) {
		return false
	}
	s.open[from] = append(s.open[from], h)
	s.held++
	return true
}

// netHasRoom reports whether n may enter b under the limits for addresses of
// one network: an IPv4 /24 or an IPv6 /64.
func (t *Table) netHasRoom(b *bucket, n Node) bool {
	if local(n.Addr.Addr()) {
		return true
	}
	network := netOf(n.Addr)
	count := func(b *bucket) (same int) {
		for _, list := range [][]contact{b.contacts, b.spares} {
			for _, c := range list {
				if c.ID != n.ID && network.Contains(c.Addr.Addr()) {
					same++
				}
			}
		}
		return same
	}
	if count(b) >= perBucketAndNet {
		return false
	}
	all := 0
	for i := range t.buckets {
		all += count(&t.buckets[i])
	}
	return all < perTableAndNet
}

func netOf(addr netip.AddrPort) netip.Prefix {
	bits := 64
	if addr.Addr().Is4() {
		bits = 24
	}
	return netip.PrefixFrom(addr.Addr(), bits).Masked()
}

// usable reports whether a node can be asked at addr: a unicast address that
// means the same on every machine (no zone), and a port.
func usable(addr netip.AddrPort) bool {
	a := addr.Addr()
	return addr.Port() != 0 && a.Zone() == "" &&
		(a.IsGlobalUnicast() || a.IsLoopback() || a.IsLinkLocalUnicast())
}

// relayable reports whether a contact's address makes sense to a peer at the
// other end: loopback addresses only on one machine, private ones only inside
// a private network. Otherwise any stranger could aim our requests at our own
// machine or network.
func relayable(peer, contact netip.Addr) bool {
	switch {
	case contact.IsLoopback():
		return peer.IsLoopback()
	case local(contact):
		return local(peer)
	}
	return true
}

// local reports whether a is an address of this machine or of a network that
// is not the Internet.
func local(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// drop logs why a datagram is ignored: each cause at most once a minute.
func (s *Server) drop(cause string, from netip.AddrPort) {
	s.mu.Lock()
	last, ok := s.noted[cause]
	now := time.Now()
	quiet := ok && now.Sub(last) < time.Minute
	if !quiet {
		s.noted[cause] = now
	}
	s.mu.Unlock()
	if !quiet {
		s.log.Warn("datagram ignored", "cause", cause, "peer", from)
	}
}

// tell logs a change of the table. Whoever answers each ping with another ID
// causes two, so no more than maxTold a minute are on the level of what matters.
// s.mu is held.
func (s *Server) tell(change string, n Node) {
	if now := time.Now(); now.Sub(s.minute) >= time.Minute {
		s.minute, s.told = now, 0
	}
	level := slog.LevelInfo
	if s.told++; s.told > maxTold {
		level = slog.LevelDebug
	}
	s.log.Log(context.Background(), level, change, "peer", n.Addr, "id", n.ID.String())
}
