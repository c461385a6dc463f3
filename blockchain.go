package main

import (
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
)

// Buckets of the chain. Heights are 8 bytes, big endian; hashes are 32 bytes.
var (
	bucketBlocks  = []byte("blocks")  // height, hash → deflated JSON; also of blocks beside the chain
	bucketHashes  = []byte("hashes")  // hash → height of a block in bucketBlocks
	bucketHeights = []byte("heights") // height → hash of the chain's block there
	bucketSide    = []byte("side")    // height, hash → stored size (4 bytes), parent's hash: blocks beside the chain
	bucketMeta    = []byte("meta")

	keyTip     = []byte("l")      // height and hash of the chain's last block
	keyUTXOTip = []byte("utxo-2") // the same of the block that the UTXO set stands at; 2: its form, which had no heights before
)

const (
	lockWait  = 500 * time.Millisecond // for another process to let go of the file
	sideMax   = 256 << 20              // bytes of blocks kept beside the chain
	stepCoins = 20_000                 // changed in one bolt transaction; each takes about a kilobyte of memory
)

var (
	ErrInUse       = errors.New("in use by another node")
	ErrDamaged     = errors.New("not a chain of this program, or damaged")
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

// openBolt opens a bolt file. Bolt maps the file into memory and trusts it: a
// truncated one would end the program by a fault, which is turned into an error.
func openBolt(path string) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w: %v", path, ErrDamaged, r)
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait})
	var system *fs.PathError
	switch {
	case err == nil || errors.As(err, &system):
		return db, err
	case errors.Is(err, bolt.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", path, ErrInUse)
	}
	return nil, fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
}

// prepare checks that the file is whole and ours, makes the buckets of a new
// one, and brings the UTXO set to the tip.
func (bc *Blockchain) prepare(path string) error {
	return bc.db.Update(func(tx *bolt.Tx) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() || tx.Size() == 0 { // 0: of the first page, too, a part is missing
			return fmt.Errorf("%s: %w: %d bytes of %d are left", path, ErrDamaged, info.Size(), tx.Size())
		}
		first, _ := tx.Cursor().First()
		for _, name := range [][]byte{bucketBlocks, bucketHashes, bucketHeights, bucketSide, bucketMeta, bucketCoins, bucketOwners, bucketUndo} {
			if first != nil && tx.Bucket(name) == nil {
				return fmt.Errorf("%s: %w: it has other buckets", path, ErrDamaged)
			}
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return UTXOSet{tx}.catchUp(bc.log)
	})
}

// Close closes the file. Calls under way end first.
func (bc *Blockchain) Close() error { return bc.db.Close() }

// read calls do with the chain as it stands during the call.
func read[T any](bc *Blockchain, do func(chain) (T, error)) (v T, err error) {
	err = bc.db.View(func(tx *bolt.Tx) error {
		v, err = do(chain{tx})
		return err
	})
	return v, err
}

// Tip returns the last block, or [ErrNoBlock] without a chain.
func (bc *Blockchain) Tip() (*Block, error) {
	return read(bc, func(c chain) (*Block, error) { return c.block(c.tip()) })
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
			s.GenesisHash = c.at(0).hash
			s.Genesis, err = c.json(c.at(0))
		}
		return s, err
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

func (bc *Blockchain) tip() (tip blockRef) {
	_ = bc.db.View(func(tx *bolt.Tx) error { tip = chain{tx}.tip(); return nil }) // fails when closed only
	return tip
}

// A chain is the blocks' buckets as one bolt transaction sees them. After an
// error the whole transaction is rolled back, so writes need not stop at once.
type chain struct{ tx *bolt.Tx }

// tip returns the last block of the chain; its height is -1 if there is none.
func (c chain) tip() blockRef {
	v := c.tx.Bucket(bucketMeta).Get(keyTip) // not the last height: after deletions Cursor.Last may find none
	if v == nil {
		return blockRef{height: -1}
	}
	return decodeRef(v)
}

// at returns the chain's block at height; its hash is "" if there is none.
func (c chain) at(height int) blockRef {
	return blockRef{height, hex.EncodeToString(c.tx.Bucket(bucketHeights).Get(heightKey(height)))}
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

// takeAside is the inverse of putAside: the block goes on the chain, or away.
func (c chain) takeAside(ref blockRef) error {
	side := c.tx.Bucket(bucketSide)
	v := side.Get(ref.key())
	if v == nil {
		return nil
	}
	return errors.Join(side.SetSequence(side.Sequence()-uint64(binary.BigEndian.Uint32(v))), side.Delete(ref.key()))
}

// forget removes blocks that stand beside the chain.
func (c chain) forget(refs []blockRef) (err error) {
	for _, ref := range refs {
		err = errors.Join(err, c.takeAside(ref), c.tx.Bucket(bucketBlocks).Delete(ref.key()),
			c.tx.Bucket(bucketHashes).Delete(hashKey(ref.hash)))
	}
	return err
}

// branch returns the blocks beside the chain that lead to end, in order, and
// the parent of the first.
func (c chain) branch(end blockRef) (refs []blockRef, fork blockRef) {
	for {
		v := c.tx.Bucket(bucketSide).Get(end.key())
		if v == nil {
			slices.Reverse(refs)
			return refs, end
		}
		refs = append(refs, end)
		end = blockRef{end.height - 1, hex.EncodeToString(v[4:])}
	}
}

// prune keeps the blocks beside the chain within sideMax: if they take more,
// all go but those that lead to one of ends.
func (c chain) prune(ends ...blockRef) error {
	if c.tx.Bucket(bucketSide).Sequence() <= sideMax {
		return nil
	}
	keep := make(map[blockRef]bool)
	for _, end := range ends {
		refs, _ := c.branch(end)
		for _, ref := range refs {
			keep[ref] = true
		}
	}
	var gone []blockRef
	cursor := c.tx.Bucket(bucketSide).Cursor()
	for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
		if ref := decodeRef(k); !keep[ref] {
			gone = append(gone, ref)
		}
	}
	return c.forget(gone)
}

// advance stores blocks and moves the chain towards the highest block beside it,
// or back to old, the tip before. It reports whether there is more to do.
func (c chain) advance(ctx context.Context, old blockRef, blocks []*candidate, change *Change) (more bool, err error) {
	for _, name := range [][]byte{bucketBlocks, bucketHeights, bucketUndo} {
		c.tx.Bucket(name).FillPercent = 1 // keys come in order: no room is needed for others between
	}
	blocks, err = c.unknown(blocks) // again: the chain may have moved
	for _, b := range blocks {
		err = errors.Join(err, c.store(b))
	}
	k, _ := c.tx.Bucket(bucketSide).Cursor().Last()
	if err != nil || k == nil {
		return false, err
	}
	target, tip := decodeRef(k), c.tip()
	switch {
	case target.height < tip.height:
		target = tip
	case target.height == old.height: // the first seen stays
		target = old
	}
	if n := len(blocks); n > 0 {
		err = c.prune(blocks[n-1].ref(), target)
	}
	if err != nil || target == tip {
		return false, err
	}
	return c.switchTo(ctx, target, blocks, change)
}

// switchTo makes a stored block the tip: it rolls the chain back to the fork
// point and puts the block's branch on top. Of the branch, only one block at a
// time is in memory, besides those that come with the call; but bolt holds what
// a transaction changes, so switchTo stops after stepCoins coins, and there is
// more. A block that is invalid at its place gives an [invalidBlockError].
func (c chain) switchTo(ctx context.Context, target blockRef, blocks []*candidate, change *Change) (more bool, err error) {
	branch, fork := c.branch(target)
	if c.at(fork.height) != fork { // a block below was invalid: there is no use in rolling back
		return false, &invalidBlockError{branch, fmt.Errorf("%w: %s", ErrParent, fork.hash)}
	}
	left := stepCoins
	for tip := c.tip(); tip.height > fork.height && left > 0; tip = c.tip() {
		b, err := c.rollBack(tip)
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return false, err
		}
		left -= b.coins()
		change.Removed = append(change.Removed, tip)
	}
	for i := 0; i < len(branch) && left > 0; i++ {
		var b *Block
		if len(blocks) > 0 && blocks[0].ref() == branch[i] {
			b, blocks = blocks[0].Block, blocks[1:]
		} else if b, err = c.block(branch[i]); err != nil {
			return false, err
		}
		if err := cmp.Or(ctx.Err(), c.append(b, branch[i:])); err != nil {
			return false, err
		}
		left -= b.coins()
		change.Added = append(change.Added, branch[i])
	}
	return c.tip() != target, nil
}

// rollBack takes the tip off the chain, and keeps it beside.
func (c chain) rollBack(tip blockRef) (*Block, error) {
	b, err := c.block(tip)
	if err != nil {
		return nil, err
	}
	return b, errors.Join(UTXOSet(c).RollBack(b), c.tx.Bucket(bucketHeights).Delete(heightKey(tip.height)),
		c.putAside(b, len(c.tx.Bucket(bucketBlocks).Get(tip.key()))), c.setTip(b.Header.parent()))
}

// append puts a stored block, the first of a branch, on top of the chain.
func (c chain) append(b *Block, branch []blockRef) error {
	if err := UTXOSet(c).Update(b); err != nil {
		return &invalidBlockError{branch, err}
	}
	return errors.Join(c.takeAside(branch[0]), c.setTip(branch[0]),
		c.tx.Bucket(bucketHeights).Put(heightKey(branch[0].height), hashKey(branch[0].hash)))
}
