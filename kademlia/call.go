package kademlia

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"
)

const (
	// A request is sent up to three times, so one datagram in twenty may get
	// lost without harm; waits are how long we wait after each. A Python node
	// sends once and waits 5 s.
	maxSends = 3
)

var waits = [maxSends]time.Duration{400 * time.Millisecond, 300 * time.Millisecond, 300 * time.Millisecond}

// A callKey identifies a response we wait for. The address is part of it, so
// nobody can answer in the name of another.
type callKey struct {
	addr netip.AddrPort
	id   messageID
}

type result struct {
	response response
	err      error
}

// call sends q to the node at to, sends times at most, and returns its
// response. It calls late, unless that is nil, when the first of waits is over.
func (s *Server) call(ctx context.Context, to netip.AddrPort, q request, sends int, late func()) (response, error) {
	reply := make(chan result, 1)
	key, err := s.expect(to, reply)
	if err != nil {
		return response{}, err
	}
	defer s.forget(key)
	s.log.Debug("call", "method", q.method, "peer", to)
	datagram := q.encode(key.id)
	for i, wait := range waits {
		if i < sends {
			if _, err := s.conn.WriteToUDPAddrPort(datagram, to); err != nil {
				return response{}, fmt.Errorf("%s to %v: %w", q.method, to, err)
			}
		}
		select {
		case r := <-reply:
			if r.err == nil && !q.answeredBy(r.response.kind) {
				r.err = errMalformed
			}
			return r.response, r.err
		case <-ctx.Done():
			return response{}, ctx.Err()
		case <-s.done:
			return response{}, ErrClosed
		case <-time.After(wait):
		}
		if i == 0 && late != nil {
			late()
		}
	}
	return response{}, fmt.Errorf("%s to %v: %w", q.method, to, ErrTimeout)
}

// expect makes a message ID and has the response to it delivered to reply.
func (s *Server) expect(from netip.AddrPort, reply chan<- result) (callKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := callKey{addr: from}
	if s.closed {
		return key, ErrClosed
	}
	if _, err := io.ReadFull(s.rand, key.id[:]); err != nil {
		return key, fmt.Errorf("kademlia: choose a message ID: %w", err)
	}
	s.pending[key] = reply
	return key, nil
}

func (s *Server) forget(key callKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, key)
}

func (s *Server) handleResponse(from netip.AddrPort, id messageID, payload []byte) {
	key := callKey{from, id}
	s.mu.Lock()
	reply, ok := s.pending[key]
	delete(s.pending, key)
	s.mu.Unlock()
	if !ok {
		s.log.Debug("response to nothing", "peer", from) // late, sent twice, or forged
		return
	}
	p, err := decodeResponse(payload, s.k)
	if err != nil {
		s.drop("malformed response", from)
	}
	reply <- result{p, err}
}

// answeredBy reports whether a response of this kind answers q.
func (q request) answeredBy(kind replyKind) bool {
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
