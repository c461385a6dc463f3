package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/boltdb/bolt"
)

const (
	maxSideBytes = 256 << 20 // bytes of blocks kept beside the chain
	stepCoins    = 20_000    // changed in one bolt transaction; each takes about a kilobyte of memory
)

// advance stores blocks, and moves the chain to the highest block that is
// stored, in steps: one bolt transaction each, after which the chain is whole. A
// block that is invalid at its place is forgotten with those on top of it, and
// named by the error; the chain then goes to the highest of the others. bc.mu
// is held.
func (bc *Blockchain) advance(ctx context.Context, blocks []*candidate) error {
	old := bc.tip()
	var bad error
	for done := false; !done; {
		err := bc.db.Update(func(tx *bolt.Tx) (err error) {
			done, err = chain{tx}.step(ctx, old, blocks)
			return err
		})

		var invalid *invalidBlockError
		switch {
		case errors.As(err, &invalid):
			bad = cmp.Or(bad, err)
			if err := bc.forget(invalid.branch); err != nil {
				return err
			}
			// Nothing of the step is left: it begins again with the other blocks.
			blocks = slices.DeleteFunc(blocks, func(b *candidate) bool {
				return slices.Contains(invalid.branch, b.ref())
			})
			done = false
		case err != nil:
			return err
		default:
			blocks = nil // they are stored now
		}
	}
	return bad
}

// step stores blocks and moves the chain towards its goal, until it is there or
// stepCoins coins have changed. It reports whether it is there.
func (c chain) step(ctx context.Context, old blockRef, blocks []*candidate) (done bool, err error) {
	for _, name := range [][]byte{bucketBlocks, bucketHeights, bucketUndo} {
		c.tx.Bucket(name).FillPercent = 1 // keys come in order: no room is needed for others between
	}

	blocks, err = c.unknown(blocks) // again: the chain may have moved since
	if err != nil {
		return false, err
	}
	for _, b := range blocks {
		if err := c.store(b); err != nil {
			return false, err
		}
	}

	goal := c.goal(old)
	if len(blocks) > 0 {
		if err := c.prune(blocks[len(blocks)-1].ref(), goal); err != nil {
			return false, err
		}
	}
	if goal == c.tip() {
		return true, nil
	}

	err = c.switchTo(ctx, goal, blocks)
	return goal == c.tip(), err
}

// goal returns where the chain should end: at the highest block that is stored
// or, of several at the height of old, the tip before, there: the first seen
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
// changed, since bolt holds in memory what a transaction changes. Of the branch
// one block at a time is in memory, besides those that come with the call. A
// block that is invalid at its place gives an [invalidBlockError].
func (c chain) switchTo(ctx context.Context, goal blockRef, blocks []*candidate) error {
	branch, fork := c.branch(goal)
	if c.at(fork.height) != fork { // a block below was invalid: there is no use in rolling back
		return &invalidBlockError{branch, fmt.Errorf("%w: %s", ErrParent, fork.hash)}
	}

	budget := stepCoins
	for budget > 0 && c.tip().height > fork.height {
		b, err := c.rollBack()
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		budget -= b.coins()
	}

	for i := 0; i < len(branch) && budget > 0; i++ {
		b, err := c.find(branch[i], blocks)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := UTXOSet(c).Update(b); err != nil {
			return &invalidBlockError{branch[i:], err}
		}
		if err := c.append(branch[i]); err != nil {
			return err
		}
		budget -= b.coins()
	}
	return nil
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

// changeSince tells how the chain moved since old was its tip. The blocks that
// it has left stand beside it.
func (c chain) changeSince(old blockRef) Change {
	var change Change
	var fork blockRef
	change.Removed, fork = c.branch(old)
	for height := fork.height + 1; height <= c.tip().height; height++ {
		change.Added = append(change.Added, c.at(height))
	}
	return change
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
	return bc.db.Update(func(tx *bolt.Tx) error { return chain{tx}.forget(refs) })
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

// prune keeps the blocks beside the chain within maxSideBytes: if they take more,
// all go but those that lead to one of ends.
func (c chain) prune(ends ...blockRef) error {
	if c.tx.Bucket(bucketSide).Sequence() <= maxSideBytes {
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
