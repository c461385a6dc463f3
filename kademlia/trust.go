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
	// (go-ethereum's figures). In a private network each address counts for
	// itself. This machine and the seeds are exempt.
	perBucketAndNet = 2
	perTableAndNet  = 10

	maxMeetings = 64 // pings under way to peers that talk to us over TCP

	// A value is up to a hundred times as long as the question for it. One IP
	// address gets so many bytes in a valueWindow: 16 of the longest.
	maxValueBytes = 128 << 10
	valueWindow   = 10 * time.Second

	maxLoggedChanges = 100 // nodes found and lost that are logged in a minute
)

// proofs are what we know of addresses being real. The Server's mu guards them.
type proofs struct {
	known *cache[netip.AddrPort, ID]       // addresses that answered a ping, and as whom
	open  map[netip.AddrPort][]heldRequest // pings under way, and the requests that wait for them
	held  int                              // requests in open
	met   map[netip.AddrPort]bool          // pings of Meet under way
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
		met:   make(map[netip.AddrPort]bool),
	}
}

// mayAnswer reports whether q is to be answered now. If not, the request is
// held until its sender has proven its address, or ignored.
func (s *Server) mayAnswer(from netip.AddrPort, id messageID, q request) bool {
	if q.method == stun {
		return true // 35 bytes for 28, and no ID to ask after
	}
	if q.from == s.id {
		return q.method == ping // we ask ourselves who we are: our own address is a seed
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

// Meet tells that there is a node at addr: a handshake over TCP has worked, so
// the address isn't forged. Unless the node is a contact, or the table has no room
// for it, it is pinged in the background, however many strangers' pings are under
// way.
func (s *Server) Meet(addr netip.AddrPort) {
	addr = unmap(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	id, proven := s.proofs.known.get(addr, time.Now())
	if proven && !s.table.HasRoom(Node{id, addr}) {
		return
	}
	if s.closed || !usable(addr) || s.proofs.met[addr] || len(s.proofs.met) >= maxMeetings {
		return
	}

	s.proofs.met[addr] = true
	s.wg.Go(func() {
		_, _ = s.Ping(context.Background(), addr) // the outcome is in the table
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.proofs.met, addr)
	})
}

// valueBudget is how many bytes of values each IP address has got in this window.
type valueBudget struct {
	since time.Time
	bytes map[netip.Addr]int
}

// take reports whether to may get a value of so many bytes now.
func (b *valueBudget) take(to netip.Addr, size int, now time.Time) bool {
	if now.Sub(b.since) >= valueWindow {
		b.since, b.bytes = now, make(map[netip.Addr]int)
	}
	if b.bytes[to]+size > maxValueBytes {
		return false
	}
	b.bytes[to] += size
	return true
}

// netHasRoom reports whether n may enter b under the limits for addresses of
// one network.
func (t *Table) netHasRoom(b *bucket, n Node) bool {
	if n.Addr.Addr().IsLoopback() || t.isSeed != nil && t.isSeed(n.Addr) {
		return true
	}
	network := networkOf(n.Addr)
	if b.countOthers(n, network) >= perBucketAndNet {
		return false
	}

	total := 0
	for i := range t.buckets {
		total += t.buckets[i].countOthers(n, network)
	}
	return total < perTableAndNet
}

// countOthers returns how many contacts and spares of b, but for n, have an
// address in network. Stale ones don't count: they need room to enter again.
func (b *bucket) countOthers(n Node, network netip.Prefix) int {
	count := 0
	for _, list := range [][]contact{b.contacts, b.spares} {
		for _, c := range list {
			if c.Node != n && !c.stale() && networkOf(c.Addr) == network {
				count++
			}
		}
	}
	return count
}

// networkOf returns the network that addr is counted in: an IPv4 /24 or an IPv6
// /64, or in a private network the address alone.
func networkOf(addr netip.AddrPort) netip.Prefix {
	a := embedded(addr.Addr())
	bits := 64
	switch {
	case isLocal(a):
		bits = a.BitLen()
	case a.Is4():
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked()
}

// usable reports whether a node can be asked at addr: a unicast address that
// means the same on every machine (no zone), and a port.
func usable(addr netip.AddrPort) bool {
	a := embedded(addr.Addr())
	return addr.Port() != 0 && a.Zone() == "" &&
		(a.IsGlobalUnicast() || a.IsLoopback() || a.IsLinkLocalUnicast())
}

// relayable reports whether a contact's address makes sense to a peer at the
// other end: loopback addresses only on one machine, private ones only inside
// a private network. Otherwise any stranger could aim our requests at our own
// machine or network.
func relayable(peer, contact netip.Addr) bool {
	switch {
	case embedded(contact).IsLoopback():
		return peer.IsLoopback()
	case isLocal(contact):
		return isLocal(peer)
	}
	return true
}

// isLocal reports whether a is an address of this machine or of a network that
// is not the Internet.
func isLocal(a netip.Addr) bool {
	if localNAT64.Contains(a) {
		return true
	}
	a = embedded(a)
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// IPv6 addresses that lead to IPv4 addresses, which stand in them.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052: in the last 4 bytes
	localNAT64 = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215: wherever the private network likes
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056: in the next 4 bytes
)

// embedded returns the IPv4 address to which a leads, or a itself.
func embedded(a netip.Addr) netip.Addr {
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:]))
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
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
