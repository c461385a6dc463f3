package kademlia

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// A request is sent up to three times, so one datagram in twenty may get lost
// without harm. A Python node sends once and waits 5 s.
const maxSends = 3

// replyWaits are how long we wait for the response after each send.
var replyWaits = [maxSends]time.Duration{400 * time.Millisecond, 300 * time.Millisecond, 300 * time.Millisecond}

// A callKey identifies a response we wait for. The address is part of it, so
// nobody can answer in the name of another.
type callKey struct {
	addr netip.AddrPort
	id   messageID
}

// A result is what a call ends with.
type result struct {
	response response
	err      error
}

// call sends q to the node at to, sends times at most, and returns its
// response. It calls onDelay, unless that is nil, when the first wait is over
// without one. An answer that does not fit q is an errMalformed, none at all an
// [ErrTimeout] after one second, however few the sends.
func (s *Server) call(ctx context.Context, to netip.AddrPort, q request, sends int, onDelay func()) (response, error) {
	key, reply, err := s.registerCall(to)
	if err != nil {
		return response{}, err
	}
	defer s.forgetCall(key)

	datagram := q.encode(key.id)
	for i, wait := range replyWaits {
		// The message ID is the same each time, so an answer to any of them counts.
		if i < sends {
			s.tellRequest("datagram sent", to, q) // before its answer can be told
			if _, err := s.conn.WriteToUDPAddrPort(datagram, to); err != nil {
				return response{}, fmt.Errorf("%s to %v: %w", q.method, to, err)
			}
		}

		select {
		case r := <-reply:
			if r.err == nil && !q.accepts(r.response.kind) {
				r.err = errMalformed
			}
			return r.response, r.err
		case <-ctx.Done():
			return response{}, ctx.Err()
		case <-s.done:
			return response{}, ErrClosed
		case <-time.After(wait):
		}

		if i == 0 && onDelay != nil {
			onDelay()
		}
	}
	return response{}, fmt.Errorf("%s to %v: %w", q.method, to, ErrTimeout)
}

// registerCall chooses a message ID for a request to the node at to. The
// response to it will be delivered to reply.
func (s *Server) registerCall(to netip.AddrPort) (key callKey, reply <-chan result, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return callKey{}, nil, ErrClosed
	}

	key.addr = to
	if _, err := io.ReadFull(s.rand, key.id[:]); err != nil {
		return callKey{}, nil, fmt.Errorf("kademlia: choose a message ID: %w", err)
	}

	// Only one response is delivered, so whoever delivers it never waits.
	delivery := make(chan result, 1)
	s.pending[key] = delivery
	return key, delivery, nil
}

// forgetCall makes a response that is still to come one to nothing.
func (s *Server) forgetCall(key callKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, key)
}

// handleResponse delivers a response to the call that waits for it.
func (s *Server) handleResponse(from netip.AddrPort, id messageID, payload []byte) {
	key := callKey{from, id}
	s.mu.Lock()
	delivery, ok := s.pending[key]
	delete(s.pending, key)
	s.mu.Unlock()
	if !ok {
		if s.tells() {
			s.log.Debug("response to nothing", "peer", from) // late, sent twice, or forged
		}
		return
	}

	p, err := decodeResponse(payload, s.k)
	if err != nil {
		s.logIgnored("malformed response", from)
	} else {
		s.tellResponse("datagram received", from, p)
	}
	delivery <- result{p, err}
}

// accepts reports whether a response of this kind is an answer to q.
func (q request) accepts(kind replyKind) bool {
	switch q.method {
	case ping:
		return kind == idReply
	case findNode:
		return kind == nodesReply
	case findValue:
		return kind == nodesReply || kind == valueReply
	case store:
		return kind == storedReply
	default:
		return kind == addrReply
	}
}
