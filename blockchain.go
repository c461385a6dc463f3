package main

import (
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
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
	deflaters chan *flate.Writer              // idle ones, at most one a processor
	genesis   atomic.Pointer[json.RawMessage] // block 0, once a handshake has asked for it

	mu      sync.Mutex    // held for each step that the chain moves; guards all below
	changed chan struct{} // closed and replaced when the tip moves
	deep    time.Time     // when more than maxReorg blocks were last taken back
	ends    []blockRef    // of the branches that were last added to, newest last
}

// A Change tells how the chain moved in one step. On the way to a longer branch
// there may be several.
type Change struct {
	Removed []*Block // blocks that are no longer on the chain, lowest first
	Added   []*Block // blocks that were not on it before, lowest first

	tip  blockRef // the last block now
	more bool     // whether the chain is still on its way
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

		deflaters: make(chan *flate.Writer, runtime.GOMAXPROCS(0)),
	}
	if err := bc.prepare(ctx, path); err != nil {
		db.Close()
		return nil, err
	}

	// A crash may have cut off a switch to a longer branch. That the branch has
	// an invalid block, which is forgotten now, is no reason not to start.
	var invalid *invalidBlockError
	if err := bc.connect(ctx, nil); err != nil && !errors.As(err, &invalid) {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return bc, nil
}

// Close closes the file. Calls under way end first.
func (bc *Blockchain) Close() error { return bc.db.Close() }

// AddBlocks adds consecutive blocks, as JSON from anywhere. Their parent must
// be known. Blocks that are stored are passed over; a branch that ends
// above the tip becomes the chain; one that does not is kept aside, where later
// blocks may add to it. If a block is bad the error says why, and only the
// blocks before it count.
//
// AddBlocks implements [network.Ledger].
func (bc *Blockchain) AddBlocks(ctx context.Context, raws []json.RawMessage) error {
	raws, err := bc.passStored(raws)
	if err != nil {
		return err
	}

	blocks, malformed := decodeBlocks(ctx, raws)
	if err := bc.add(ctx, blocks); err != nil {
		return err
	}
	return malformed
}

// add is AddBlocks for decoded blocks. Each step goes on with the blocks in
// front of the first that it finds fault with.
func (bc *Blockchain) add(ctx context.Context, blocks []*candidate) error {
	blocks, unconnected := bc.unknown(blocks)
	blocks, invalid := bc.check(ctx, blocks)

	var misplaced error
	if len(blocks) > 0 || bc.isOnItsWay() {
		misplaced = bc.connect(ctx, blocks)
	}

	// The later a step, the further in front is the block that it has found.
	return cmp.Or(misplaced, invalid, unconnected)
}

// passStored passes over the leading blocks that are stored, by what their
// headers say, so that it costs us next to nothing when a branch is sent again.
// Whoever forges such a header only has the block passed over.
func (bc *Blockchain) passStored(raws []json.RawMessage) ([]json.RawMessage, error) {
	err := bc.view(func(tx *bolt.Tx) error {
		for len(raws) > 0 && (chain{tx}).stored(claimedRef(raws[0])) {
			raws = raws[1:]
		}
		return nil
	})
	return raws, err
}

// claimedRef returns what a block's header says that the block is. It reads only
// our own form: any other block counts as unknown until it is decoded.
func claimedRef(raw json.RawMessage) blockRef {
	var b Block
	r := ownForm{rest: raw}
	b.readOwnFront(&r)
	if r.differs {
		return blockRef{height: -1} // not stored
	}
	return b.ref()
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
	decoded, err := inParallel(ctx, len(raws), func(i int) error {
		b, err := DecodeBlock(raws[i])
		blocks[i] = &candidate{Block: b}
		return err
	})
	return blocks[:decoded], err
}

// unknown passes over the leading blocks that are stored. The first of the
// others must stand on a stored block, and each other one on that before it.
func (bc *Blockchain) unknown(blocks []*candidate) ([]*candidate, error) {
	var unknown []*candidate
	bc.mu.Lock()
	depth := bc.depth()
	bc.mu.Unlock()
	err := bc.view(func(tx *bolt.Tx) (err error) {
		unknown, err = chain{tx}.unknown(blocks, depth)
		return err
	})
	return unknown, err
}

func (c chain) unknown(blocks []*candidate, depth int) ([]*candidate, error) {
	for len(blocks) > 0 && c.stored(blocks[0].ref()) {
		blocks = blocks[1:]
	}
	if len(blocks) == 0 {
		return nil, nil
	}

	if err := c.checkPlace(&blocks[0].Header, depth); err != nil {
		return nil, fmt.Errorf("block %d: %w", blocks[0].Header.Height, err)
	}
	for i, b := range blocks[1:] {
		if b.Header.parent() != blocks[i].ref() {
			return blocks[:i+1], fmt.Errorf("block %d: %w: %.80q", b.Header.Height, ErrParent, b.Header.PrevBlockHash)
		}
	}
	return blocks, nil
}

// checkPlace checks that a block stands on a stored one, and that its branch does
// not leave the chain too deep below the tip. A genesis block stands on nothing.
func (c chain) checkPlace(h *BlockHeader, maxDepth int) error {
	tip := c.tip()
	if h.Height == 0 && tip.height >= 0 {
		return fmt.Errorf("%w: its genesis block is %s", ErrChainExists, c.at(0).hash)
	}
	if h.Height == 0 {
		return nil
	}

	_, fork := c.branch(h.parent())
	if !c.stored(h.parent()) || !c.has(fork) {
		return fmt.Errorf("%w: %.80q", ErrParent, h.PrevBlockHash)
	}
	if depth := tip.height - fork.height; depth > maxDepth {
		return fmt.Errorf("parted from our chain %d blocks below our tip: %w", depth, network.ErrTooDeep)
	}
	return nil
}

// check checks and compresses blocks on all processors. With an error it
// returns those in front of the first that is invalid.
func (bc *Blockchain) check(ctx context.Context, blocks []*candidate) ([]*candidate, error) {
	now := bc.now()
	kept, broken := inParallel(ctx, len(blocks), func(i int) error { return blocks[i].checkUnsigned(ctx, now) })
	blocks = blocks[:kept]

	// These blocks keep the cheap rules. What takes long is done for all of them at
	// once, so that no processor waits for the last signature of a block.
	type task struct {
		block int
		do    func() error
	}
	var tasks []task
	for i, b := range blocks {
		tasks = append(tasks, task{i, func() error { return bc.deflate(b) }})
		if b.mined {
			continue // its signatures are good
		}
		for _, check := range signatureChecks(b.Transactions) {
			tasks = append(tasks, task{i, check})
		}
	}

	done, invalid := inParallel(ctx, len(tasks), func(i int) error {
		t := tasks[i]
		if err := t.do(); err != nil {
			return fmt.Errorf("block %d: %w", blocks[t.block].Header.Height, err)
		}
		return nil
	})
	if done < len(tasks) {
		blocks = blocks[:tasks[done].block]
	}
	return blocks, cmp.Or(invalid, broken)
}

// connect stores checked blocks, and moves the chain step by step to the highest
// block that is stored. A block that is invalid at its place is forgotten with
// those on top of it, and named by the error; the chain then goes to the highest
// of the others.
func (bc *Blockchain) connect(ctx context.Context, blocks []*candidate) (bad error) {
	old := bc.tip()
	tip, added, removed := old, 0, 0
	for more := true; more; {
		change, err := bc.advance(ctx, old, blocks)

		var invalid *invalidBlockError
		switch {
		case errors.As(err, &invalid): // nothing of the step is left: it begins again without the block
			bad = cmp.Or(bad, err)
			blocks = slices.DeleteFunc(blocks, func(b *candidate) bool { return slices.Contains(invalid.branch, b.ref()) })
		case err != nil:
			bad, more = err, false
		default:
			blocks = nil // they are stored now
			tip, more = change.tip, change.more
			added, removed = added+len(change.Added), removed+len(change.Removed)
			bc.noteDepth(removed)
		}
	}

	if tip != old {
		message := "block accepted"
		if removed > 0 {
			message = "branch switched"
		}
		bc.log.Info(message, "height", tip.height, "hash", tip.hash, "added", added, "removed", removed)
	}
	return bad
}

// noteDepth keeps that a move has taken back so many blocks, if they are many.
func (bc *Blockchain) noteDepth(removed int) {
	if removed <= maxReorg {
		return
	}
	bc.mu.Lock()
	defer bc.mu.Unlock()
	bc.deep = bc.now()
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
