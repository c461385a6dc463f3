package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// What this node keeps for others: at most maxValues, for valueTTL each.
const (
	valueTTL  = 24 * time.Hour
	maxValues = 8192
)

// Errors of [Server.Store] and [Server.FindValue].
var (
	ErrNotFound = errors.New("kademlia: no node has the value")
	ErrTooLong  = errors.New("kademlia: value does not fit in a datagram")
)

// Store stores value at the k nodes nearest to the key; a Python node reads it
// as a str. They forget it after 24 hours: it is the owner's part to store it
// again (paper, 2.5). The error is nil if at least one node has taken it, and
// [ErrTooLong] for a value of more than 8137 bytes.
func (s *Server) Store(ctx context.Context, key, value string) error {
	var encoded bytes.Buffer
	if err := msgpack.NewEncoder(&encoded).EncodeString(value); err != nil {
		return fmt.Errorf("store %q: %w", key, err)
	}
	q := request{method: store, from: s.id, target: KeyID(key), value: encoded.Bytes()}
	if len(q.encode(messageID{})) > maxDatagram {
		return fmt.Errorf("store %d bytes under %q: %w", len(value), key, ErrTooLong)
	}

	nodes, err := s.Lookup(ctx, q.target)
	if err != nil {
		return fmt.Errorf("store %q: %w", key, err)
	}
	errs := s.storeAt(ctx, nodes, q)

	// The lookup leaves this node out, which may be one of the k nearest itself.
	farthest := nodes[len(nodes)-1].ID
	if len(nodes) < s.k || compareDistance(q.target, s.id, farthest) < 0 {
		s.mu.Lock()
		s.values.put(q.target, q.value, time.Now())
		s.mu.Unlock()
	}

	if slices.Contains(errs, nil) {
		return nil
	}
	return fmt.Errorf("store %q: %w", key, errs[0])
}

// storeAt sends q to all nodes at once and returns the error of each.
func (s *Server) storeAt(ctx context.Context, nodes []Node, q request) []error {
	errs := make([]error, len(nodes))
	var calls sync.WaitGroup
	for i, n := range nodes {
		calls.Go(func() { _, errs[i] = s.call(ctx, n.Addr, q, maxSends, nil) })
	}
	calls.Wait()
	return errs
}

// FindValue returns what is stored under key, or [ErrNotFound]. Python nodes
// also store numbers and bools: these are an error.
func (s *Server) FindValue(ctx context.Context, key string) (string, error) {
	encoded, err := s.findEncoded(ctx, KeyID(key))
	if err != nil {
		return "", fmt.Errorf("find %q: %w", key, err)
	}

	r := newReader(encoded)
	defer r.close()
	text := r.bytes(func(code byte) bool { return msgpcode.IsString(code) || msgpcode.IsBin(code) })
	if r.err != nil {
		return "", fmt.Errorf("find %q: value is not text: %w", key, r.err)
	}
	return string(text), nil
}

// findEncoded returns the MessagePack scalar under key, from this node or from
// others.
func (s *Server) findEncoded(ctx context.Context, key ID) ([]byte, error) {
	s.mu.Lock()
	encoded, ok := s.values.get(key, time.Now())
	s.mu.Unlock()
	if ok {
		return encoded, nil
	}

	_, encoded, err := s.lookup(ctx, request{method: findValue, from: s.id, target: key})
	if err != nil {
		return nil, err
	}
	if encoded == nil {
		return nil, ErrNotFound
	}
	return encoded, nil
}
