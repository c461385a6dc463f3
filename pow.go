package main

import (
	"context"
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// workBits is how many leading zero bits make a proof of work. Bitcoin retargets
// every 2016 blocks; we do not.
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
	return sum[0]>>(8-workBits) == 0
}

// Run finds the lowest nonce that proves the work, and sets the header's nonce
// and hash by it. Every processor tries its share of the nonces. Run gives up
// when ctx is done.
func (p ProofOfWork) Run(ctx context.Context) error {
	found := make([]int64, runtime.GOMAXPROCS(0))
	var bound atomic.Int64 // above it there is no need to search
	bound.Store(math.MaxInt64)
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() { found[i] = p.search(ctx, int64(i), int64(len(found)), &bound) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mine block %d: %w", p.Header.Height, err)
	}
	p.Header.Nonce = slices.Min(found)
	p.Header.Hash = p.Header.hash()
	return nil
}

// search tries first, first+step and so on, and returns the first nonce that
// proves the work, or else [math.MaxInt64].
func (p ProofOfWork) search(ctx context.Context, first, step int64, bound *atomic.Int64) int64 {
	h := newWorkHash(p.text())
	for nonce := first; nonce < bound.Load(); nonce += step {
		if nonce/step%1024 == 0 && ctx.Err() != nil {
			break
		}
		if h.meetsTarget(nonce) {
			bound.Store(nonce)
			return nonce
		}
	}
	return math.MaxInt64
}

// For speed: the text's front is hashed once for all nonces.

// A workHash hashes a text followed by one nonce after another. The text's
// front is most of it, and hashed once: its state is taken up for each nonce.
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
