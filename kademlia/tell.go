package kademlia

import (
	"context"
	"log/slog"
	"net/netip"
)

// This file tells what datagrams and lookups are, for those who want to watch
// the network at work. While nobody does, it costs next to nothing.

// tells reports whether anyone wants to know of each datagram.
func (s *Server) tells() bool {
	return s.log.Enabled(context.Background(), slog.LevelDebug)
}

// tellRequest tells of a request, sent or received.
func (s *Server) tellRequest(line string, peer netip.AddrPort, q request) {
	if s.tells() {
		s.log.LogAttrs(context.Background(), slog.LevelDebug, line, withPeer(peer, q.describe())...)
	}
}

// tellResponse tells of a response, sent or received.
func (s *Server) tellResponse(line string, peer netip.AddrPort, p response) {
	if s.tells() {
		s.log.LogAttrs(context.Background(), slog.LevelDebug, line, withPeer(peer, p.describe())...)
	}
}

func withPeer(peer netip.AddrPort, facts []slog.Attr) []slog.Attr {
	return append([]slog.Attr{slog.Any("peer", peer)}, facts...)
}

// Describe returns what a datagram is, for a log, or nil if it is no message: its
// kind, and what the functions below say.
func Describe(datagram []byte) []slog.Attr {
	kind, _, payload, err := splitDatagram(datagram)
	if err != nil {
		return nil
	}

	if kind == responseByte {
		p, err := decodeResponse(payload, defaultK)
		if err != nil {
			return nil
		}
		return p.describe()
	}
	q, err := decodeRequest(payload)
	if err != nil {
		return nil
	}
	return q.describe()
}

// describe says what is looked for, and how far that is from the ID of who asks.
func (q request) describe() []slog.Attr {
	facts := []slog.Attr{slog.String("kind", q.method)}
	if q.method == findNode {
		facts = append(facts, slog.String("target", q.target.String()),
			slog.Int("distance", q.from.highestDifference(q.target)))
	}
	return facts
}

// describe says how many nodes a response names, without those that a reader
// leaves out.
func (p response) describe() []slog.Attr {
	facts := []slog.Attr{slog.String("kind", p.kind.String())}
	if p.kind == nodesReply {
		facts = append(facts, slog.Int("count", len(p.nodes)))
	}
	return facts
}

// String names a kind of response for the log.
func (k replyKind) String() string {
	switch k {
	case idReply:
		return "pong"
	case nodesReply:
		return "nodes"
	case valueReply:
		return "value"
	case storedReply:
		return "stored"
	default:
		return "address"
	}
}

// tellBegun tells that a lookup begins, how far from this node its target is,
// and how many requests are to be under way at a time.
func (s *Server) tellBegun(l *lookup) {
	if s.tells() {
		s.log.Debug("lookup begun", "lookup", l.number, "target", l.target.String(),
			"distance", l.self.highestDifference(l.target), "alpha", l.alpha)
	}
}

// tellAsks tells that a lookup asks n, how far that is from the target, and who
// has named it: hops is 1 for a contact of our own table, 2 for a node that one
// of these has named, and so on.
func (s *Server) tellAsks(l *lookup, n Node) {
	if s.tells() {
		s.log.Debug("lookup asks", "lookup", l.number, "target", l.target.String(), "peer", n.Addr,
			"hops", l.find(n).hops, "distance", n.ID.highestDifference(l.target))
	}
}

// tellAnswer tells how many nodes n has named, and how far from the target the
// nearest is that the lookup has heard of by now.
func (s *Server) tellAnswer(l *lookup, n Node, count int) {
	if s.tells() {
		s.log.Debug("lookup answer", "lookup", l.number, "target", l.target.String(), "peer", n.Addr,
			"count", count, "nearest", l.nearestID().highestDifference(l.target))
	}
}

// tellNoAnswer tells why n does not count in a lookup.
func (s *Server) tellNoAnswer(l *lookup, n Node, err error) {
	if s.tells() {
		s.log.Debug("lookup without answer", "lookup", l.number, "target", l.target.String(), "peer", n.Addr, "err", err)
	}
}

// tellEnded tells how many nodes a lookup has asked, and how many of those that
// answered are its result.
func (s *Server) tellEnded(l *lookup, err error) {
	switch {
	case !s.tells():
	case err != nil:
		s.log.Debug("lookup ended", "lookup", l.number, "target", l.target.String(),
			"asked", l.asked, "found", len(l.result()), "err", err)
	default:
		s.log.Debug("lookup ended", "lookup", l.number, "target", l.target.String(),
			"asked", l.asked, "found", len(l.result()))
	}
}
