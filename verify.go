package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/boltdb/bolt"
)

// quickBlocks is how many blocks, the last ones, are looked at whenever a node
// starts: that takes no time that anybody notices.
const quickBlocks = 100

// quickBytes is how large a file may be for all its pages to be checked whenever
// it is opened. Those of a larger one are checked with -check.
const quickBytes = 8 << 20

// verify checks the chain on disk, which may have changed since it was written:
// disks fail. The blocks must be whole and stand on each other; with all set
// that means every block, the indexes lead to them, and the UTXO set is that of
// the blocks. Whether the blocks keep the rules was checked when they came; and
// the pages, when the file was opened.
func (bc *Blockchain) verify(ctx context.Context, all bool) error {
	return bc.view(func(tx *bolt.Tx) error {
		lowest := 0
		if !all {
			lowest = chain{tx}.tip().height - quickBlocks
		}
		if err := (chain{tx}).verifyBlocks(ctx, lowest); err != nil {
			return err
		}

		if !all {
			return nil
		}
		if err := (chain{tx}).verifyIndexes(ctx); err != nil {
			return err
		}
		return UTXOSet{tx}.verify(ctx)
	})
}

// verifyBlocks reads the chain's blocks, from the tip down to a height.
func (c chain) verifyBlocks(ctx context.Context, lowest int) error {
	for ref := c.tip(); ref.height >= max(lowest, 0); {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.at(ref.height) != ref {
			return damaged("block %d is not the parent of block %d", ref.height, ref.height+1)
		}

		b, err := c.block(ref)
		if err != nil {
			return err
		}
		ref = b.Header.parent()
	}
	return nil
}

// verifyIndexes checks that each height has a block, and that each block is found
// by its hash, and stands on the chain or is noted as beside it.
func (c chain) verifyIndexes(ctx context.Context) error {
	onChain := c.tip().height + 1
	heights, stored, hashes, beside := c.count(bucketHeights), c.count(bucketBlocks), c.count(bucketHashes), c.count(bucketSide)
	if heights != onChain || stored != hashes || stored != onChain+beside {
		return damaged("%d blocks on the chain, %d beside it, %d in all; %d heights and %d hashes lead to them",
			onChain, beside, stored, heights, hashes)
	}

	err := c.tx.Bucket(bucketBlocks).ForEach(func(k, _ []byte) error {
		ref := decodeRef(k)
		if height := c.tx.Bucket(bucketHashes).Get(hashKey(ref.hash)); !bytes.Equal(height, heightKey(ref.height)) {
			return damaged("the hash of block %d leads to %.8x", ref.height, height)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return c.verifySide(ctx)
}

// verifySide checks the blocks beside the chain, and what is noted of them.
func (c chain) verifySide(ctx context.Context) error {
	var sizes uint64
	err := c.each(bucketSide, 8+32, 4+32, func(k, v []byte) error {
		ref := decodeRef(k)
		b, err := c.block(ref)
		if err != nil {
			return err
		}

		size := binary.BigEndian.Uint32(v)
		if int(size) != len(c.tx.Bucket(bucketBlocks).Get(k)) || !bytes.Equal(v[4:], hashKey(b.Header.PrevBlockHash)) {
			return damaged("block %d beside the chain is noted otherwise", ref.height)
		}
		sizes += uint64(size)
		return ctx.Err()
	})
	if err != nil {
		return err
	}

	if noted := c.tx.Bucket(bucketSide).Sequence(); noted != sizes {
		return damaged("%d bytes of blocks beside the chain, noted %d", sizes, noted)
	}
	return nil
}

// count returns how many keys a bucket has.
func (c chain) count(bucket []byte) int { return c.tx.Bucket(bucket).Stats().KeyN }

// each calls do for each record of a bucket, whose keys and values must have
// these lengths.
func (c chain) each(bucket []byte, key, value int, do func(k, v []byte) error) error {
	return c.tx.Bucket(bucket).ForEach(func(k, v []byte) error {
		if len(k) != key || len(v) != value {
			return damaged("a record of %s has %d and %d bytes", bucket, len(k), len(v))
		}
		return do(k, v)
	})
}

// A coinSum is the XOR of the hashes of coins: sets with the same sum are the
// same, and none has to be in memory. A coin that is added twice is taken away.
type coinSum [sha256.Size]byte

func (sum *coinSum) add(c Coin) {
	hash := sha256.Sum256(encodeCoin(c))
	for i := range sum {
		sum[i] ^= hash[i]
	}
}

// verify checks that the set, and its index by owner, are the coins that the
// blocks make, without those that they spend by their undo records.
func (s UTXOSet) verify(ctx context.Context) error {
	unspent, err := chain(s).sumUnspent(ctx)
	if err != nil {
		return err
	}

	var coins, owned coinSum
	err = chain(s).each(bucketCoins, outPointLen, coinLen-outPointLen, func(k, v []byte) error {
		coins.add(decodeCoin(k, v))
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	err = chain(s).each(bucketOwners, ownerLen+8+outPointLen, 8, func(k, v []byte) error {
		owned.add(decodeOwned(k, v))
		return ctx.Err()
	})
	if err != nil {
		return err
	}

	if coins != unspent || owned != unspent {
		return damaged("the coins, or those of each owner, are not what the blocks leave unspent")
	}
	return nil
}

// sumUnspent returns the sum of the coins that the chain's blocks make and do not
// spend.
func (c chain) sumUnspent(ctx context.Context) (sum coinSum, err error) {
	if n := c.count(bucketUndo); n != c.tip().height+1 {
		return sum, damaged("%d undo records for %d blocks", n, c.tip().height+1)
	}

	for height := range c.tip().height + 1 {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		b, err := c.block(c.at(height))
		if err != nil {
			return sum, err
		}
		if err := c.addUnspent(&sum, b); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// addUnspent adds the coins that b makes to sum, and takes away those that it
// spends. What is made and spent within b counts as neither.
func (c chain) addUnspent(sum *coinSum, b *Block) error {
	made := make(map[OutPoint]Coin)
	for _, tx := range b.Transactions {
		for i := range tx.Vins {
			delete(made, tx.Vins[i].OutPoint())
		}
		for i, out := range tx.Vouts {
			owner, err := ParseAddress(out.PubKeyHash)
			if err != nil {
				return damaged("block %d: %v", b.Header.Height, err)
			}
			o := OutPoint{tx.TxID, i}
			made[o] = Coin{o, owner, out.Value, b.Header.Height}
		}
	}
	for _, coin := range made {
		sum.add(coin)
	}

	undo := c.tx.Bucket(bucketUndo).Get(heightKey(b.Header.Height))
	if undo == nil || len(undo)%coinLen != 0 {
		return damaged("the undo record of block %d has %d bytes", b.Header.Height, len(undo))
	}
	for ; len(undo) > 0; undo = undo[coinLen:] {
		sum.add(decodeCoin(undo[:outPointLen], undo[outPointLen:coinLen]))
	}
	return nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", errDamage, fmt.Sprintf(format, args...), afterDamage)
}
