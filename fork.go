package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/boltdb/bolt"
)

const (
	// maxReorg is how many blocks of the chain a longer branch may take back.
	// Bitcoin's nodes have no such bound: there nobody can afford a long branch.
	// Here a block takes sixteen tries, and anyone could have all nodes work
	// through the whole chain again and again. So more are taken back only once in
	// a while. Never would be worse: whoever feeds two nodes a branch each would
	// split them for good. An owner need not wait: there's -fresh.
	maxReorg  = 1000
	deepPause = 10 * time.Minute

	// Blocks kept beside the chain. The branches that were added to last may take
	// more: other peers' blocks must not push out a branch that comes in parts.
	maxSideBlocks = 20_000
	maxEnds       = 64 // of such branches: as many as there are peers that send blocks
	maxSideBytes  = 64 << 20
	maxPruned     = 2000 // at a time: more than come at a time

	// stepCoins is how many coins change in one bolt transaction, more or less.
	// Each takes about a kilobyte of memory until its end.
	stepCoins = 20_000
)

// advance stores blocks, moves the chain a step towards the highest block that is
// stored, and tells the pool. The step is one bolt transaction, after which the
// chain is whole; old is the tip before the first step. A block that is invalid at
// its place gives an [invalidBlockError]: nothing changes, but that it is forgotten
// with those on top of it.
func (bc *Blockchain) advance(ctx context.Context, old blockRef, blocks []*candidate) (change Change, err error) {
	bc.mu.Lock()
	defer bc.mu.Unlock()

	if len(blocks) > 0 {
		bc.ends = append(bc.ends, blocks[len(blocks)-1].ref())
		bc.ends = bc.ends[max(0, len(bc.ends)-maxEnds):]
	}
	err = bc.update(func(tx *bolt.Tx) (err error) {
		change, err = chain{tx}.step(ctx, old, blocks, bc.depth(), bc.ends)
		return err
	})
	var invalid *invalidBlockError
	if errors.As(err, &invalid) {
		if err := bc.forget(invalid.branch); err != nil {
			return Change{}, err
		}
	}
	if err != nil {
		return Change{}, err
	}

	moved := len(change.Removed) > 0 || len(change.Added) > 0
	if moved || change.tip != old { // an earlier step moved it, and this one tells that it has arrived
		close(bc.changed)
		bc.changed = make(chan struct{})
		bc.onChange(change)
	}
	return change, nil
}

// depth returns how many blocks may be taken back now. bc.mu is held.
func (bc *Blockchain) depth() int {
	if bc.now().Sub(bc.deep) >= deepPause {
		return math.MaxInt
	}
	return maxReorg
}

// step stores blocks and moves the chain towards its goal, until it is there or
// stepCoins coins have changed.
func (c chain) step(ctx context.Context, old blockRef, blocks []*candidate, depth int, ends []blockRef) (change Change, err error) {
	for _, name := range [][]byte{bucketBlocks, bucketHeights, bucketUndo} {
		c.tx.Bucket(name).FillPercent = 1 // keys come in order: no room is needed for others between
	}

	blocks, err = c.unknown(blocks, depth) // again: the chain may have moved since
	if err != nil {
		return Change{}, err
	}
	for _, b := range blocks {
		if err := c.store(b); err != nil {
			return Change{}, err
		}
	}

	goal := c.goal(old)
	if goal != c.tip() {
		change, err = c.switchTo(ctx, goal, blocks)
		if err != nil {
			return Change{}, err
		}
	}
	change.tip = c.tip()
	change.more = change.tip != goal
	return change, c.prune(ends, goal, old)
}

// isOnItsWay reports whether an earlier move of the chain was called off before it
// arrived.
func (bc *Blockchain) isOnItsWay() bool {
	away, _ := read(bc, func(c chain) (bool, error) { return c.goal(c.tip()) != c.tip(), nil })
	return away
}

// goal returns where the chain should end: at the highest block that is stored. Of
// several at the height of old, the tip before the move, it is old: the first seen
// stays.
func (c chain) goal(old blockRef) blockRef {
	tip := c.tip()
	k, _ := c.tx.Bucket(bucketSide).Cursor().Last() // keys begin with the height
	if k == nil {
		return tip
	}

	highest := decodeRef(k)
	switch {
	case highest.height < tip.height:
		return tip
	case highest.height == old.height:
		return old
	}
	return highest
}

// switchTo moves the chain towards a block beside it: it rolls back to the fork
// point and puts the block's branch on top, but stops once stepCoins coins have
// changed, since bolt holds in memory what a transaction changes, and the blocks
// stay there for those who follow the chain. A block that is invalid at its place
// gives an [invalidBlockError].
func (c chain) switchTo(ctx context.Context, goal blockRef, blocks []*candidate) (change Change, err error) {
	branch, fork := c.branch(goal)
	if c.at(fork.height) != fork { // a block below was invalid: to roll back would be in vain
		return Change{}, &invalidBlockError{branch, fmt.Errorf("%w: %s", ErrParent, fork.hash)}
	}

	budget := stepCoins
	for budget > 0 && c.tip().height > fork.height {
		b, err := c.rollBack()
		if err != nil {
			return Change{}, err
		}
		if err := ctx.Err(); err != nil {
			return Change{}, err
		}
		change.Removed = append(change.Removed, b)
		budget -= b.coins()
	}
	slices.Reverse(change.Removed)

	for i := 0; i < len(branch) && budget > 0; i++ {
		b, err := c.find(branch[i], blocks)
		if err != nil {
			return Change{}, err
		}
		if err := ctx.Err(); err != nil {
			return Change{}, err
		}
		if err := UTXOSet(c).Update(b); err != nil {
			return Change{}, &invalidBlockError{branch[i:], err}
		}
		if err := c.append(branch[i]); err != nil {
			return Change{}, err
		}
		change.Added = append(change.Added, b)
		budget -= b.coins()
	}
	return change, nil
}

// An invalidBlockError says that a block breaks a rule at its place.
type invalidBlockError struct {
	branch []blockRef // the block, and those on top of it
	err    error
}

func (e *invalidBlockError) Error() string {
	return fmt.Sprintf("block %d: %v", e.branch[0].height, e.err)
}

func (e *invalidBlockError) Unwrap() error { return e.err }

// find returns a stored block, from blocks if it is one of them.
func (c chain) find(ref blockRef, blocks []*candidate) (*Block, error) {
	for _, b := range blocks {
		if b.ref() == ref {
			return b.Block, nil
		}
	}
	return c.block(ref)
}

// rollBack takes the last block off the chain, and keeps it beside.
func (c chain) rollBack() (*Block, error) {
	tip := c.tip()
	b, err := c.block(tip)
	if err != nil {
		return nil, err
	}

	if err := (UTXOSet(c)).RollBack(b); err != nil {
		return nil, err
	}
	if err := c.tx.Bucket(bucketHeights).Delete(heightKey(tip.height)); err != nil {
		return nil, err
	}
	size := len(c.tx.Bucket(bucketBlocks).Get(tip.key()))
	if err := c.putAside(b, size); err != nil {
		return nil, err
	}
	return b, c.setTip(b.Header.parent())
}

// append makes a block beside the chain, on top of the tip, the new tip. The
// UTXO set is there already.
func (c chain) append(ref blockRef) error {
	if err := c.takeAside(ref); err != nil {
		return err
	}
	if err := c.tx.Bucket(bucketHeights).Put(heightKey(ref.height), hashKey(ref.hash)); err != nil {
		return err
	}
	return c.setTip(ref)
}

// coins returns how many coins b adds and spends.
func (b *Block) coins() (n int) {
	for _, tx := range b.Transactions {
		n += len(tx.Vins) + len(tx.Vouts)
	}
	return n
}

// store keeps a block beside the chain, if it is not stored yet.
func (c chain) store(b *candidate) error {
	ref := b.ref()
	if c.stored(ref) {
		return nil
	}

	if err := c.tx.Bucket(bucketHashes).Put(hashKey(ref.hash), heightKey(ref.height)); err != nil {
		return err
	}
	if err := c.tx.Bucket(bucketBlocks).Put(ref.key(), b.deflated); err != nil {
		return err
	}
	return c.putAside(b.Block, len(b.deflated))
}

// putAside notes that a stored block of that size is beside the chain. The
// bucket's sequence number holds the sum of the sizes.
func (c chain) putAside(b *Block, size int) error {
	side := c.tx.Bucket(bucketSide)
	v := binary.BigEndian.AppendUint32(nil, uint32(size))
	v = append(v, hashKey(b.Header.PrevBlockHash)...)
	if err := side.Put(b.ref().key(), v); err != nil {
		return err
	}
	return side.SetSequence(side.Sequence() + uint64(size))
}

// takeAside is the inverse of putAside: the block goes on the chain, or away.
func (c chain) takeAside(ref blockRef) error {
	side := c.tx.Bucket(bucketSide)
	v := side.Get(ref.key())
	if v == nil {
		return nil
	}

	size := binary.BigEndian.Uint32(v)
	if err := side.Delete(ref.key()); err != nil {
		return err
	}
	return side.SetSequence(side.Sequence() - uint64(size))
}

// branch returns the blocks beside the chain that lead to end, in order, and
// the parent of the first: the fork point.
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

// forget removes blocks that stand beside the chain.
func (bc *Blockchain) forget(refs []blockRef) error {
	return bc.update(func(tx *bolt.Tx) error { return chain{tx}.forget(refs) })
}

func (c chain) forget(refs []blockRef) error {
	for _, ref := range refs {
		if err := c.takeAside(ref); err != nil {
			return err
		}
		if err := c.tx.Bucket(bucketBlocks).Delete(ref.key()); err != nil {
			return err
		}
		if err := c.tx.Bucket(bucketHashes).Delete(hashKey(ref.hash)); err != nil {
			return err
		}
	}
	return nil
}

// prune forgets blocks beside the chain, the lowest first: those too deep for a
// branch to become the chain, and those that are too many. What leads to the last
// of ends, or to one of moves, stays, and so do, as long as there is room, the
// branches of the other ends.
func (c chain) prune(ends []blockRef, moves ...blockRef) error {
	side := c.tx.Bucket(bucketSide)
	deep := c.tip().height - maxReorg
	count, size := c.count(bucketSide), side.Sequence() // the count is that before this transaction

	var keep map[blockRef]bool
	var gone []blockRef
	cursor := side.Cursor()
	for k, v := cursor.First(); k != nil && len(gone) < maxPruned; k, v = cursor.Next() {
		ref := decodeRef(k)
		if ref.height > deep && count <= maxSideBlocks && size <= maxSideBytes {
			break
		}
		if keep == nil {
			keep = c.leadingTo(ends, moves)
		}
		if !keep[ref] {
			gone = append(gone, ref)
			count--
			size -= uint64(binary.BigEndian.Uint32(v))
		}
	}
	return c.forget(gone)
}

// leadingTo returns the blocks beside the chain that prune keeps.
func (c chain) leadingTo(ends, moves []blockRef) map[blockRef]bool {
	leading := make(map[blockRef]bool)
	keep := func(end blockRef) {
		for v := c.tx.Bucket(bucketSide).Get(end.key()); v != nil && !leading[end]; v = c.tx.Bucket(bucketSide).Get(end.key()) {
			leading[end] = true
			end = blockRef{end.height - 1, hex.EncodeToString(v[4:])}
		}
	}
	for _, end := range moves {
		keep(end)
	}
	for i, end := range slices.Backward(ends) {
		if i == len(ends)-1 || len(leading) < maxSideBlocks {
			keep(end)
		}
	}
	return leading
}
