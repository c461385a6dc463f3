package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/boltdb/bolt"
)

// quickBlocks is how many blocks, the last ones, are looked at whenever a node
// starts: that takes no time that anybody notices.
const quickBlocks = 100

// verify checks the chain on disk, which may have changed since it was written:
// disks fail. The blocks must be whole and stand on each other; with all set
// that means every block, every page can be read, and the UTXO set is that of the
// blocks. Whether the blocks keep the rules was checked when they came.
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
		if err := readAll(ctx, tx); err != nil {
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
		if errors.Is(err, ErrNoBlock) {
			return damaged("block %d is missing", ref.height)
		}
		if err != nil {
			return err
		}
		ref = b.Header.parent()
	}
	return nil
}

// readAll reads every key and value. (bolt has a check of its own, but it runs
// in a goroutine, where a panic of a damaged page would end the program.)
func readAll(ctx context.Context, tx *bolt.Tx) error {
	return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		var last []byte
		return b.ForEach(func(k, _ []byte) error {
			if last != nil && bytes.Compare(last, k) >= 0 {
				return damaged("keys of %s are out of order", name)
			}
			last = k
			return ctx.Err()
		})
	})
}

// verify compares the set with what the blocks make and spend.
func (s UTXOSet) verify(ctx context.Context) error {
	want, err := chain(s).unspent(ctx)
	if err != nil {
		return err
	}

	found := 0
	err = s.tx.Bucket(bucketCoins).ForEach(func(k, v []byte) error {
		c := decodeCoin(k, v)
		if want[c.OutPoint] != c {
			return damaged("coin %s is not what its block makes", c.OutPoint)
		}
		value := s.tx.Bucket(bucketOwners).Get(ownerKey(c))
		if !bytes.Equal(value, binary.BigEndian.AppendUint64(nil, uint64(c.Value))) {
			return damaged("coin %s is not its owner's", c.OutPoint)
		}
		found++
		return nil
	})
	if err != nil {
		return err
	}

	owned := s.tx.Bucket(bucketOwners).Stats().KeyN
	if found != len(want) || owned != found {
		return damaged("%d coins, of which owners have %d; the blocks make %d", found, owned, len(want))
	}
	return nil
}

// unspent returns the coins that the chain's blocks make and do not spend.
func (c chain) unspent(ctx context.Context) (map[OutPoint]Coin, error) {
	coins := make(map[OutPoint]Coin)
	for height := range c.tip().height + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := c.block(c.at(height))
		if err != nil {
			return nil, err
		}

		for _, tx := range b.Transactions {
			for i := range tx.Vins {
				delete(coins, tx.Vins[i].OutPoint())
			}
			for i, out := range tx.Vouts {
				owner, err := ParseAddress(out.PubKeyHash)
				if err != nil {
					return nil, damaged("block %d: %v", height, err)
				}
				o := OutPoint{tx.TxID, i}
				coins[o] = Coin{o, owner, out.Value, height}
			}
		}
	}
	return coins, nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", errDamage, fmt.Sprintf(format, args...), afterDamage)
}
