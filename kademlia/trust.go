package kademlia

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// This file keeps a node from being used against others, and one stranger from
// filling its table, its memory or its log. Python's library has nothing like it.

const (
	// An address that answers has proven that it is not forged; we believe it
	// for proofTTL. Until then it gets no answer that is longer than its
	// question, and may not store anything.
	proofTTL      = 24 * time.Hour
	maxProofs     = 8192
	maxOpenProofs = 64 // pings under way
	maxHeld       = 64 // requests that wait for one

	// Addresses of one network are cheap for one owner, so few of them enter
	// (go-ethereum's figures). Private networks are exempt.
	perBucketAndNet = 2
	perTableAndNet  = 10

	maxLoggedChanges = 100 // nodes found and lost that are logged in a minute
)

// proofs are what we know of addresses being real. The Server's mu guards them.
type proofs struct {
	known *cache[netip.AddrPort, ID]       // addresses that answered a ping, and as whom
	open  map[netip.AddrPort][]heldRequest // pings under way, and the requests that wait for them
	held  int                              // requests in open
}

// A heldRequest waits until its sender has proven its address.
type heldRequest struct {
	request request
	id      messageID
}

func newProofs() proofs {
	return proofs{
		known: newCache[netip.AddrPort, ID](maxProofs, proofTTL),
		open:  make(map[netip.AddrPort][]heldRequest),
	}
}

// mayAnswer reports whether q is to be answered now. If not, the request is
// held until its sender has proven its address, or ignored.
func (s *Server) mayAnswer(from netip.AddrPort, id messageID, q request) bool {
	if q.method == stun {
		return true // 35 bytes for 28, and no ID to ask after
	}
	if q.from == s.id {
		s.warnOfOwnID(from, id)
		return q.method == ping
	}

	now, held := s.admit(from, id, q)
	if !now && !held {
		s.logIgnored("too many unknown senders", from)
	}
	return now
}

// admit decides on a request with the ID of another node: to answer it now, to
// hold it, or, if neither, to ignore it.
func (s *Server) admit(from netip.AddrPort, id messageID, q request) (now, held bool) {
	n := Node{q.from, from}
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.hasProven(n) {
		// There was no room when n was proven, or it was evicted since.
		if s.table.HasRoom(n) {
			s.startProof(from, maxSends)
		}
		return true, false
	}

	if q.method == ping {
		// The answer to a ping is shorter than the ping. It must not wait: two
		// nodes would wait for each other. With two pings it comes to 143
		// bytes for the 50 of a ping; QUIC's limit for a stranger is 3 for 1.
		s.startProof(from, 2)
		return true, false
	}
	return false, s.holdRequest(from, heldRequest{q, id})
}

// hasProven reports whether n has answered from its address with its ID not
// long ago. s.mu is held.
func (s *Server) hasProven(n Node) bool {
	id, ok := s.proofs.known.get(n.Addr, time.Now())
	return ok && id == n.ID
}

// holdRequest keeps a request until its sender has proven its address, or
// reports that there is no room for it. s.mu is held.
func (s *Server) holdRequest(from netip.AddrPort, h heldRequest) bool {
	if s.proofs.held >= maxHeld || !s.startProof(from, maxSends) {
		return false
	}
	s.proofs.open[from] = append(s.proofs.open[from], h)
	s.proofs.held++
	return true
}

// startProof pings addr in the background, sends times at most, to see whether
// someone is there and under which ID. It reports whether such a proof is now
// under way: there is one at a time for an address, and maxOpenProofs in all.
// s.mu is held.
func (s *Server) startProof(addr netip.AddrPort, sends int) bool {
	if _, ok := s.proofs.open[addr]; ok {
		return true
	}
	if s.closed || len(s.proofs.open) >= maxOpenProofs {
		return false
	}
	s.proofs.open[addr] = nil
	s.wg.Go(func() { s.prove(addr, sends) })
	return true
}

// prove pings addr, which enters a node that answers in the table and among
// the proofs. Then it answers the requests that were held for that node.
func (s *Server) prove(addr netip.AddrPort, sends int) {
	n, err := s.ping(context.Background(), addr, sends)

	s.mu.Lock()
	held := s.proofs.open[addr]
	delete(s.proofs.open, addr)
	s.proofs.held -= len(held)
	s.mu.Unlock()

	for _, h := range held {
		if err == nil && h.request.from == n.ID {
			s.answer(addr, h.id, h.request)
		}
	}
}

// warnOfOwnID takes note of a request that claims to come from this node. It
// does, if we wait for its answer: then somebody gave us our own address.
// Otherwise another node runs under our ID, most likely from a copy of our
// files. One warning is enough.
func (s *Server) warnOfOwnID(from netip.AddrPort, id messageID) {
	const cause = "own ID"
	s.mu.Lock()
	own := s.reachesSelf(id)
	_, warned := s.logged.warnings[cause]
	if !own {
		s.logged.warnings[cause] = time.Now()
	}
	s.mu.Unlock()

	if !own && !warned {
		s.log.Warn("another node uses the ID of this one", "peer", from, "id", s.id.String(),
			"hint", "if it does not draw a new one by itself, start it again with -bootstrap and the address of this node")
	}
}

// reachesSelf reports whether a request with this message ID is one of our own
// that waits for its response, and keeps that it came to us. s.mu is held.
func (s *Server) reachesSelf(id messageID) bool {
	for key, call := range s.pending {
		if key.id == id {
			call.toSelf = true
			return true
		}
	}
	return false
}

// netHasRoom reports whether n may enter b under the limits for addresses of
// one network: an IPv4 /24 or an IPv6 /64.
func (t *Table) netHasRoom(b *bucket, n Node) bool {
	if isLocal(n.Addr.Addr()) {
		return true
	}
	network := networkOf(n.Addr)
	if b.countOthers(n.ID, network) >= perBucketAndNet {
		return false
	}

	total := 0
	for i := range t.buckets {
		total += t.buckets[i].countOthers(n.ID, network)
	}
	return total < perTableAndNet
}

// countOthers returns how many contacts and spares of b, but for the node id,
// have an address in network.
func (b *bucket) countOthers(id ID, network netip.Prefix) int {
	n := 0
	for _, list := range [][]contact{b.contacts, b.spares} {
		for _, c := range list {
			if c.ID != id && network.Contains(c.Addr.Addr()) {
				n++
			}
		}
	}
	return n
}

// networkOf returns the network that addr is counted in.
func networkOf(addr netip.AddrPort) netip.Prefix {
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
	case isLocal(contact):
		return isLocal(peer)
	}
	return true
}

// isLocal reports whether a is an address of this machine or of a network that
// is not the Internet.
func isLocal(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// A logLimit is what others have made us log. The Server's mu guards it.
type logLimit struct {
	warnings map[string]time.Time // the last of each cause
	changes  int                  // of the table, since the minute began
	minute   time.Time
}

// logIgnored logs why a datagram is ignored: each cause at most once a minute.
func (s *Server) logIgnored(cause string, from netip.AddrPort) {
	s.mu.Lock()
	last, ok := s.logged.warnings[cause]
	now := time.Now()
	quiet := ok && now.Sub(last) < time.Minute
	if !quiet {
		s.logged.warnings[cause] = now
	}
	s.mu.Unlock()

	if !quiet {
		s.log.Warn("datagram ignored", "cause", cause, "peer", from)
	}
}

// logChange logs a change of the table. A node that answers each ping with
// another ID causes two, so no more than maxLoggedChanges a minute are on the
// level of what matters. s.mu is held.
func (s *Server) logChange(change string, n Node) {
	if now := time.Now(); now.Sub(s.logged.minute) >= time.Minute {
		s.logged.minute, s.logged.changes = now, 0
	}
	s.logged.changes++

	level := slog.LevelInfo
	if s.logged.changes > maxLoggedChanges {
		level = slog.LevelDebug
	}
	s.log.Log(context.Background(), level, change, "peer", n.Addr, "id", n.ID.String())
}
