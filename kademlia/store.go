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

// Errors of [Server.Store] and [Server.FindValue].
var (
	ErrNotFound = errors.New("kademlia: no node has the value")
	ErrTooLong  = errors.New("kademlia: value does not fit in a datagram")
)

// Store stores value at the k nodes nearest to the key; a Python node reads it
// as a str. They forget it after 24 hours: it is the owner's part to store it
// again (paper, 2.5). The error is nil if at least one node has taken it.
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
	stored := make([]error, len(nodes))
	var calls sync.WaitGroup
	for i, n := range nodes {
		calls.Go(func() { _, stored[i] = s.call(ctx, n.Addr, q, maxSends, nil) })
	}
	calls.Wait()
	if farthest := nodes[len(nodes)-1].ID; len(nodes) < s.k || compareDistance(q.target, s.id, farthest) < 0 {
		s.mu.Lock() // this node is one of the k nearest
		s.values.put(q.target, q.value, time.Now())
		s.mu.Unlock()
	}
	if slices.Contains(stored, nil) {
		return nil
	}
	return fmt.Errorf("store %q: %w", key, stored[0])
}

// FindValue returns what is stored under key, or [ErrNotFound]. Python nodes
// also store numbers and bools: these are an error.
func (s *Server) FindValue(ctx context.Context, key string) (string, error) {
	q := request{method: findValue, from: s.id, target: KeyID(key)}
	s.mu.Lock()
	encoded, ok := s.values.get(q.target, time.Now())
	s.mu.Unlock()
	if !ok {
		var err error
		if _, encoded, err = s.lookup(ctx, q); err == nil && encoded == nil {
			err = ErrNotFound
		}
		if err != nil {
			return "", fmt.Errorf("find %q: %w", key, err)
		}
	}
	r := newReader(encoded)
	defer r.close()
	text := r.bytes(func(code byte) bool { return msgpcode.IsString(code) || msgpcode.IsBin(code) })
	if r.err != nil {
		return "", fmt.Errorf("find %q: value is not text: %w", key, r.err)
	}
	return string(text), nil
}
