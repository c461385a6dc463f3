package main

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// workBits is how many leading zero bits make a proof of work. Any number from 0
// to 24 will do, but all nodes of a network must have the same. Each bit more makes
// a block twice as hard to find. Bitcoin retargets every 2016 blocks; we do not.
const workBits = 4

// A ProofOfWork is the search for a nonce that makes a header's work hash
// small. Bitcoin hashes the same bytes for the work and for the block's name;
// here the two texts differ in order, so a block's hash shows no zeros.
type ProofOfWork struct{ Header *BlockHeader }

// text is what the work hashes, up to the nonce.
func (p ProofOfWork) text() []byte {
	h := p.Header
	return []byte(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height))
}

// Valid reports whether the header's nonce proves the work.
func (p ProofOfWork) Valid() bool {
	return meetsTarget(sha256.Sum256(append(p.text(), p.Header.nonceText()...)))
}

// meetsTarget reports whether sum, read as a number, is below 2^(256-workBits).
func meetsTarget(sum [sha256.Size]byte) bool {
	front := binary.BigEndian.Uint32(sum[:4])
	return bits.LeadingZeros32(front) >= workBits
}

// Run finds the lowest nonce that proves the work, and sets the header's nonce
// and hash by it. It gives up when ctx is done.
func (p ProofOfWork) Run(ctx context.Context) error {
	nonce := p.searchAll(ctx)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mine block %d: %w", p.Header.Height, err)
	}

	p.Header.Nonce = nonce
	p.Header.Hash = p.Header.hash()
	return nil
}

// search tries the nonces first, first+step, first+2·step and so on, below
// bound, and returns the first that proves the work, or else [math.MaxInt64].
// There is no better way than to try: a hash tells nothing of the next one.
func (p ProofOfWork) search(ctx context.Context, first, step int64, bound *atomic.Int64) int64 {
	h := newWorkHash(p.text())
	for nonce := first; nonce < bound.Load(); nonce += step {
		if h.meetsTarget(nonce) {
			bound.Store(nonce)
			return nonce
		}

		if nonce/step%1024 == 0 && ctx.Err() != nil {
			break
		}
	}
	return math.MaxInt64
}

// For speed: every processor searches, and the front of the text is hashed once.

// searchAll has each of n processors try every n-th nonce, and returns the
// lowest that proves the work.
func (p ProofOfWork) searchAll(ctx context.Context) int64 {
	found := make([]int64, runtime.GOMAXPROCS(0))
	var bound atomic.Int64 // a nonce that was found: above it there is no need to search
	bound.Store(math.MaxInt64)

	var searches sync.WaitGroup
	for i := range found {
		searches.Go(func() { found[i] = p.search(ctx, int64(i), int64(len(found)), &bound) })
	}
	searches.Wait()

	return slices.Min(found)
}

// A workHash hashes a text followed by one nonce after another: the state of
// the hash after the text is kept, and taken up again for each nonce.
type workHash struct {
	digest resumable
	state  []byte // of digest after the text
	nonce  []byte // in decimal
	sum    []byte
}

type resumable interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newWorkHash(text []byte) *workHash {
	w := &workHash{digest: sha256.New().(resumable)} // it is, says package sha256
	w.digest.Write(text)
	w.state, _ = w.digest.AppendBinary(nil) // fails for no digest of ours
	return w
}

// meetsTarget reports whether the hash with nonce proves the work.
func (w *workHash) meetsTarget(nonce int64) bool {
	if err := w.digest.UnmarshalBinary(w.state); err != nil {
		return false // not with a state of its own making
	}
	w.nonce = strconv.AppendInt(w.nonce[:0], nonce, 10)
	w.digest.Write(w.nonce)
	w.sum = w.digest.Sum(w.sum[:0])
	return meetsTarget([sha256.Size]byte(w.sum))
}
