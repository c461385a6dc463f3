package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
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
	onChange  func(Change)                    // called with mu held, after the change is on disk
	deflaters sync.Pool                       // of *flate.Writer
	genesis   atomic.Pointer[json.RawMessage] // block 0, once a handshake has asked for it

	mu      sync.Mutex    // held while the chain changes; guards changed
	changed chan struct{} // closed and replaced when the tip moves
}

// A Change tells how the chain moved.
type Change struct {
	Removed []blockRef // blocks that are no longer on the chain, lowest first
	Added   []blockRef // blocks that were not on it before, lowest first

	fresh []*candidate // those of Added that are still in memory
}

// OpenBlockchain opens the chain in the file at path, or makes an empty one.
// Another process's file gives [ErrInUse], anything but a chain [ErrDamaged];
// neither is touched. The pages of a small file are checked: bolt would trust
// them. What a crash has cut off is done first, which may take a
// while; when ctx is done that is left to the next time.
func OpenBlockchain(ctx context.Context, path string, log *slog.Logger) (*Blockchain, error) {
	return openBlockchain(ctx, path, false, log)
}

// openBlockchain is OpenBlockchain; with all set it checks the pages of a large
// file, too.
func openBlockchain(ctx context.Context, path string, all bool, log *slog.Logger) (*Blockchain, error) {
	db, err := openBolt(path)
	if err != nil {
		return nil, err
	}

	if err := checkPages(path, all); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}

	bc := &Blockchain{
		db: db, log: log, now: time.Now,
		onChange: func(Change) {},
		changed:  make(chan struct{}),
	}
	if err := bc.prepare(ctx, path); err != nil {
		db.Close()
		return nil, err
	}

	// A crash may have cut off a switch to a longer branch. That the branch has
	// an invalid block, which is forgotten now, is no reason not to start.
	var invalid *invalidBlockError
	if _, err := bc.connect(ctx, nil); err != nil && !errors.As(err, &invalid) {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return bc, nil
}

// Close closes the file. Calls under way end first.
func (bc *Blockchain) Close() error { return bc.db.Close() }

// AddBlocks adds consecutive blocks, as JSON from anywhere. Their parent must
// be known. Blocks that the chain has are passed over; a branch that ends
// above the tip becomes the chain; one that does not is kept aside, where later
// blocks may add to it. If a block is bad the error says why, and only the
// blocks before it count.
//
// AddBlocks implements [network.Ledger].
func (bc *Blockchain) AddBlocks(ctx context.Context, raws []json.RawMessage) error {
	blocks, malformed := decodeBlocks(ctx, raws)
	_, err := bc.add(ctx, blocks)
	if err != nil {
		return err
	}
	return malformed
}

// add is AddBlocks for decoded blocks. It also tells how the chain moved. Each
// step goes on with the blocks in front of the first that it finds fault with.
func (bc *Blockchain) add(ctx context.Context, blocks []*candidate) (Change, error) {
	blocks, unconnected := bc.unknown(blocks)
	blocks, invalid := bc.check(ctx, blocks)

	var change Change
	var misplaced error
	if len(blocks) > 0 {
		change, misplaced = bc.connect(ctx, blocks)
	}

	// The later a step, the further in front is the block that it has found.
	return change, cmp.Or(misplaced, invalid, unconnected)
}

// A candidate is a block on its way into the file.
type candidate struct {
	*Block
	mined    bool   // here, of transactions whose signatures the pool has verified
	deflated []byte // its JSON as it is stored; nil until the block is checked
}

// decodeBlocks decodes blocks on all processors. With an error it returns those
// in front of the first that is malformed.
func decodeBlocks(ctx context.Context, raws []json.RawMessage) ([]*candidate, error) {
	blocks := make([]*candidate, len(raws))
	err := inParallel(ctx, len(raws), func(i int) error {
		b, err := DecodeBlock(raws[i])
		if err == nil {
			blocks[i] = &candidate{Block: b}
		}
		return err
	})

	decoded := func(b *candidate) bool { return b != nil }
	return leading(blocks, decoded), err
}

// leading returns the blocks in front of the first that ok does not hold for.
func leading(blocks []*candidate, ok func(*candidate) bool) []*candidate {
	for i, b := range blocks {
		if !ok(b) {
			return blocks[:i]
		}
	}
	return blocks
}

// unknown passes over the leading blocks that the chain has. The first of the
// others must stand on a stored block, and each other one on that before it.
func (bc *Blockchain) unknown(blocks []*candidate) ([]*candidate, error) {
	var unknown []*candidate
	err := bc.view(func(tx *bolt.Tx) (err error) {
		unknown, err = chain{tx}.unknown(blocks)
		return err
	})
	return unknown, err
}

func (c chain) unknown(blocks []*candidate) ([]*candidate, error) {
	for len(blocks) > 0 && c.has(blocks[0].ref()) {
		blocks = blocks[1:]
	}

	for i, b := range blocks {
		if b.Header.Height == 0 && c.tip().height >= 0 {
			return blocks[:i], fmt.Errorf("block 0: %w: its genesis block is %s", ErrChainExists, c.at(0).hash)
		}
		if !c.connects(blocks, i) {
			return blocks[:i], fmt.Errorf("block %d: %w: %.80q", b.Header.Height, ErrParent, b.Header.PrevBlockHash)
		}
	}
	return blocks, nil
}

// connects reports whether block i stands on the one before it or, if it is the
// first, on a stored one. A genesis block stands on nothing.
func (c chain) connects(blocks []*candidate, i int) bool {
	parent := blocks[i].Header.parent()
	if i > 0 {
		return parent == blocks[i-1].ref()
	}
	return blocks[0].Header.Height == 0 || c.stored(parent)
}

// check checks and compresses blocks on all processors. With an error it
// returns those in front of the first that is invalid.
func (bc *Blockchain) check(ctx context.Context, blocks []*candidate) ([]*candidate, error) {
	now := bc.now()
	err := inParallel(ctx, len(blocks), func(i int) error {
		b := blocks[i]
		check := b.Check
		if b.mined {
			check = b.checkUnsigned
		}
		if err := check(ctx, now); err != nil {
			return err
		}
		return bc.deflate(b)
	})

	checked := func(b *candidate) bool { return b.deflated != nil }
	return leading(blocks, checked), err
}

// connect stores checked blocks, moves the chain to the highest block that is
// stored, and announces the move. The error is about the block that turned out
// to be invalid at its place.
func (bc *Blockchain) connect(ctx context.Context, blocks []*candidate) (Change, error) {
	bc.mu.Lock()
	defer bc.mu.Unlock()

	old := bc.tip()
	invalid := bc.advance(ctx, blocks)
	tip := bc.tip()
	if tip == old {
		return Change{}, invalid
	}

	change, err := read(bc, func(c chain) (Change, error) { return c.changeSince(old), nil })
	if err != nil {
		return Change{}, err
	}

	message := "block accepted"
	if len(change.Removed) > 0 {
		message = "branch switched"
	}
	bc.log.Info(message, "height", tip.height, "hash", tip.hash, "added", len(change.Added), "removed", len(change.Removed))

	change.fresh = blocks
	close(bc.changed)
	bc.changed = make(chan struct{})
	bc.onChange(change)
	return change, invalid
}

// Tip returns the last block, or [ErrNoBlock] without a chain.
func (bc *Blockchain) Tip() (*Block, error) {
	return read(bc, func(c chain) (*Block, error) { return c.block(c.tip()) })
}

func (bc *Blockchain) tip() (tip blockRef) {
	_ = bc.view(func(tx *bolt.Tx) error { tip = chain{tx}.tip(); return nil }) // fails when closed only
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
	return read(bc, func(c chain) (network.Status, error) {
		tip := c.tip()
		if tip.height < 0 {
			return network.Status{Height: -1}, nil
		}

		// Every handshake asks for the genesis block, which never changes.
		genesis := bc.genesis.Load()
		if genesis == nil {
			raw, err := c.json(c.at(0))
			if err != nil {
				return network.Status{}, err
			}
			genesis = &raw
			bc.genesis.Store(genesis)
		}
		return network.Status{Height: tip.height, Genesis: *genesis, GenesisHash: c.at(0).hash}, nil
	})
}

// Hash implements [network.Ledger]: the hash of the chain's block at height,
// or [ErrNoBlock].
func (bc *Blockchain) Hash(height int) (string, error) {
	return read(bc, func(c chain) (string, error) {
		hash := c.at(height).hash
		if hash == "" {
			return "", fmt.Errorf("block %d: %w", height, ErrNoBlock)
		}
		return hash, nil
	})
}

// Changed returns a channel that is closed when the tip moves next.
func (bc *Blockchain) Changed() <-chan struct{} {
	bc.mu.Lock()
	defer bc.mu.Unlock()
	return bc.changed
}

// transactions calls do for each transaction of stored blocks, but coinbases. It
// reads the blocks that are not among fresh.
func (bc *Blockchain) transactions(refs []blockRef, fresh []*candidate, do func(*Transaction)) error {
	for _, ref := range refs {
		b, err := bc.blockOf(ref, fresh)
		if err != nil {
			return err
		}
		for _, tx := range b.Transactions[1:] {
			do(tx)
		}
	}
	return nil
}

func (bc *Blockchain) blockOf(ref blockRef, fresh []*candidate) (*Block, error) {
	return read(bc, func(c chain) (*Block, error) { return c.find(ref, fresh) })
}
