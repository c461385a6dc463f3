package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

const (
	sideMax   = 256 << 20 // bytes of blocks kept beside the chain
	stepCoins = 20_000    // changed in one bolt transaction; each takes about a kilobyte of memory
)

// An invalidBlockError says that a block breaks a rule at its place.
type invalidBlockError struct {
	branch []blockRef // the block, and those on top of it
	err    error
}

func (e *invalidBlockError) Error() string {
	return fmt.Sprintf("block %d: %v", e.branch[0].height, e.err)
}

func (e *invalidBlockError) Unwrap() error { return e.err }

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

// coins returns how many coins b may add and spend.
func (b *Block) coins() (n int) {
	for _, tx := range b.Transactions {
		n += len(tx.Vins) + len(tx.Vouts)
	}
	return n
}

// store keeps a block beside the chain, if it is not stored yet.
func (c chain) store(b *candidate) error {
	ref := b.ref()
	if c.tx.Bucket(bucketBlocks).Get(ref.key()) != nil {
		return nil
	}
	return errors.Join(c.tx.Bucket(bucketHashes).Put(hashKey(ref.hash), heightKey(ref.height)),
		c.tx.Bucket(bucketBlocks).Put(ref.key(), b.deflated), c.putAside(b.Block, len(b.deflated)))
}

// putAside notes that a stored block of that size is beside the chain. The
// bucket's sequence number holds the sum of the sizes.
func (c chain) putAside(b *Block, size int) error {
	side := c.tx.Bucket(bucketSide)
	v := binary.BigEndian.AppendUint32(nil, uint32(size))
	return errors.Join(side.Put(b.ref().key(), append(v, hashKey(b.Header.PrevBlockHash)...)),
		side.SetSequence(side.Sequence()+uint64(size)))
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

// forget removes blocks that stand beside the chain.
func (c chain) forget(refs []blockRef) (err error) {
	for _, ref := range refs {
		err = errors.Join(err, c.takeAside(ref), c.tx.Bucket(bucketBlocks).Delete(ref.key()),
			c.tx.Bucket(bucketHashes).Delete(hashKey(ref.hash)))
	}
	return err
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
