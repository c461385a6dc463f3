package main

import (
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
)

var (
	ErrNoBlock     = errors.New("no such block")
	ErrParent      = errors.New("parent is unknown")
	ErrChainExists = errors.New("there is a chain already")
)

// A Blockchain is the chain on disk, with its UTXO set. Beside the chain it
// keeps blocks of branches that are not longer (yet). Methods are safe for
// concurrent use.
type Blockchain struct {
	db        *bolt.DB
	log       *slog.Logger
	now       func() time.Time
	onChange  func(Change) // called with mu held, after the change is on disk
	deflaters sync.Pool    // of *flate.Writer

	mu      sync.Mutex    // held while the chain changes; guards changed
	changed chan struct{} // closed and replaced when the tip moves
}

// A Change tells how the chain moved: the blocks taken off it and the blocks
// put on it, both in order of height.
type Change struct{ Removed, Added []blockRef }

// OpenBlockchain opens the chain in the file at path, or makes an empty one.
// Another process's file gives [ErrInUse], anything but a chain [ErrDamaged];
// neither is touched.
func OpenBlockchain(path string, log *slog.Logger) (*Blockchain, error) {
	db, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	bc := &Blockchain{db: db, log: log, now: time.Now, onChange: func(Change) {}, changed: make(chan struct{})}
	bc.deflaters.New = func() any {
		w, _ := flate.NewWriter(io.Discard, flate.BestSpeed) // fails for unknown levels only
		return w
	}
	if err := bc.prepare(path); err != nil {
		db.Close()
		return nil, err
	}
	_ = bc.connect(context.Background(), nil) // goes on with a switch that a crash cut off
	return bc, nil
}

// Close closes the file. Calls under way end first.
func (bc *Blockchain) Close() error { return bc.db.Close() }

// AddBlocks adds consecutive blocks, as JSON from anywhere. Their parent must
// be known. Blocks that the chain has are passed over; a branch that ends
// above the tip becomes the chain; one that does not is kept aside, where later
// blocks may add to it. If a block is invalid the error says why, and only
// blocks before it count.
//
// AddBlocks implements [network.Ledger].
func (bc *Blockchain) AddBlocks(ctx context.Context, raws []json.RawMessage) error {
	blocks := make([]*candidate, len(raws))
	err := inParallel(ctx, len(raws), func(i int) error {
		b, err := DecodeBlock(raws[i])
		blocks[i] = &candidate{Block: b}
		return err
	})
	if err == nil {
		blocks, err = read(bc, func(c chain) ([]*candidate, error) { return c.unknown(blocks) })
	}
	if err != nil || len(blocks) == 0 {
		return err
	}
	bad := inParallel(ctx, len(blocks), func(i int) error {
		if err := blocks[i].Check(ctx, bc.now()); err != nil {
			return err
		}
		return bc.deflate(blocks[i])
	})
	if n := slices.IndexFunc(blocks, func(b *candidate) bool { return b.deflated == nil }); n >= 0 {
		blocks = blocks[:n]
	}
	if err := ctx.Err(); err != nil || len(blocks) == 0 {
		return cmp.Or(bad, err)
	}
	bc.mu.Lock()
	defer bc.mu.Unlock()
	return cmp.Or(bc.connect(ctx, blocks), bad)
}

// A candidate is a block on its way into the file.
type candidate struct {
	*Block
	deflated []byte // its JSON as it is stored; nil until the block is checked
}

// unknown cuts off the leading blocks that the chain has, and checks that the
// rest hangs together and on a known block.
func (c chain) unknown(blocks []*candidate) ([]*candidate, error) {
	for len(blocks) > 0 && blocks[0].Header.Hash != "" && c.at(blocks[0].Header.Height) == blocks[0].ref() {
		blocks = blocks[1:]
	}
	for i, b := range blocks {
		parent := b.Header.parent()
		switch {
		case b.Header.Height == 0 && c.tip().height >= 0:
			return nil, fmt.Errorf("block 0: %w: its genesis block is %s", ErrChainExists, c.at(0).hash)
		case b.Header.Height == 0 && i == 0, i > 0 && blocks[i-1].ref() == parent:
		case i > 0 || parent.height < 0 || !isHex(parent.hash, 64) || c.tx.Bucket(bucketBlocks).Get(parent.key()) == nil:
			return nil, fmt.Errorf("block %d: %w: %.80q", b.Header.Height, ErrParent, parent.hash)
		}
	}
	return blocks, nil
}

// connect stores checked blocks, and makes the highest block beside the chain
// the tip, if it is higher: in one bolt transaction or, if more than stepCoins
// coins change, in several, after each of which the chain is whole. A block that
// is invalid at its place is forgotten with those on top of it, and the error
// names the rule. bc.mu is held.
func (bc *Blockchain) connect(ctx context.Context, blocks []*candidate) (bad error) {
	change, old := Change{}, bc.tip()
	for more := true; more; {
		next := Change{slices.Clone(change.Removed), slices.Clone(change.Added)}
		err := bc.db.Update(func(tx *bolt.Tx) (err error) {
			more, err = chain{tx}.advance(ctx, old, blocks, &next)
			return err
		})
		var invalid *invalidBlockError
		switch {
		case err == nil:
			change, blocks = next, nil
		case errors.As(err, &invalid):
			blocks = slices.DeleteFunc(blocks, func(b *candidate) bool { return b.Header.Height >= invalid.branch[0].height })
			failed := bc.db.Update(func(tx *bolt.Tx) error { return chain{tx}.forget(invalid.branch) })
			bad, more = cmp.Or(failed, bad, err), failed == nil
		default:
			bad, more = err, false
		}
	}
	tip := bc.tip()
	if tip == old {
		return bad
	}
	slices.Reverse(change.Removed) // they were taken off from the top
	message := "block accepted"
	if len(change.Removed) > 0 {
		message = "branch switched"
	}
	bc.log.Info(message, "height", tip.height, "hash", tip.hash, "added", len(change.Added), "removed", len(change.Removed))
	close(bc.changed)
	bc.changed = make(chan struct{})
	bc.onChange(change)
	return bad
}

// Tip returns the last block, or [ErrNoBlock] without a chain.
func (bc *Blockchain) Tip() (*Block, error) {
	return read(bc, func(c chain) (*Block, error) { return c.block(c.tip()) })
}

func (bc *Blockchain) tip() (tip blockRef) {
	_ = bc.db.View(func(tx *bolt.Tx) error { tip = chain{tx}.tip(); return nil }) // fails when closed only
	return tip
}

// BlockAt returns the chain's block at height, or [ErrNoBlock].
func (bc *Blockchain) BlockAt(height int) (*Block, error) {
	return read(bc, func(c chain) (*Block, error) { return c.block(c.at(height)) })
}

// BlockByHash returns the block with a hash (hex), on the chain or beside it,
// or [ErrNoBlock].
func (bc *Blockchain) BlockByHash(hash string) (*Block, error) {
	return read(bc, func(c chain) (*Block, error) {
		height := c.tx.Bucket(bucketHashes).Get(hashKey(hash))
		if height == nil {
			return nil, ErrNoBlock
		}
		return c.block(blockRef{int(binary.BigEndian.Uint64(height)), hash})
	})
}

// Block implements [network.Ledger]: the JSON of the chain's block at height.
func (bc *Blockchain) Block(height int) (json.RawMessage, error) {
	return read(bc, func(c chain) (json.RawMessage, error) { return c.json(c.at(height)) })
}

// Status implements [network.Ledger].
func (bc *Blockchain) Status() (network.Status, error) {
	return read(bc, func(c chain) (s network.Status, err error) {
		if s.Height = c.tip().height; s.Height >= 0 {
			s.Genesis, err = c.json(c.at(0))
		}
		return s, err
	})
}

// Changed returns a channel that is closed when the tip moves next.
func (bc *Blockchain) Changed() <-chan struct{} {
	bc.mu.Lock()
	defer bc.mu.Unlock()
	return bc.changed
}

// transactions calls do for each transaction of stored blocks, but coinbases.
func (bc *Blockchain) transactions(refs []blockRef, do func(*Transaction)) error {
	for _, ref := range refs {
		b, err := bc.BlockByHash(ref.hash)
		if err != nil {
			return err
		}
		for _, tx := range b.Transactions[1:] {
			do(tx)
		}
	}
	return nil
}
