package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/boltdb/bolt"
)

// A Chain is a chain of blocks in a file.
type Chain struct{ db *bolt.DB }

// The file has tables, which bolt calls buckets, and a key for the tip.
var (
	blocksBucket  = []byte("blocks")  // hash → the block's JSON, on the chain or beside it; under tipKey the hash of the tip
	heightsBucket = []byte("heights") // height → hash of the chain's block there
	coinsBucket   = []byte("coins")   // see CoinSet
	undoBucket    = []byte("undo")    // hash → the coins that the transactions of the chain's block took, as JSON
	poolBucket    = []byte("pool")    // see Pool
	tipKey        = []byte("l")
)

var errNoBlock = errors.New("no such block")

// openChain opens the chain in a file, or makes an empty one.
func openChain(file string) (*Chain, error) {
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}

	err = db.Update(func(dbtx *bolt.Tx) error {
		for _, name := range [][]byte{blocksBucket, heightsBucket, coinsBucket, undoBucket, poolBucket} {
			if _, err := dbtx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	return &Chain{db}, nil
}

func (c *Chain) close() error { return c.db.Close() }

// heightKey is a height as a key: 8 bytes, the most significant first, so that the
// keys' order is that of the heights.
func heightKey(height int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(height))
}

// getBlock returns the block with a hash, or errNoBlock.
func getBlock(dbtx *bolt.Tx, hash []byte) (*Block, error) {
	text := dbtx.Bucket(blocksBucket).Get(hash)
	if text == nil {
		return nil, errNoBlock
	}
	return decodeBlock(text)
}

// getTip returns the last block of the chain, or nil if the chain is empty.
func getTip(dbtx *bolt.Tx) (*Block, error) {
	hash := dbtx.Bucket(blocksBucket).Get(tipKey)
	if hash == nil {
		return nil, nil
	}
	return getBlock(dbtx, hash)
}

// connect puts a block, which is stored already, on top of the tip: the coins move,
// the undo data is kept, and the block is the new tip.
func connect(dbtx *bolt.Tx, b *Block) error {
	taken, err := CoinSet{dbtx.Bucket(coinsBucket)}.applyBlock(b)
	if err != nil {
		return err
	}
	undo, err := json.Marshal(taken)
	if err != nil {
		return err
	}

	hash := []byte(b.Header.Hash)
	if err := dbtx.Bucket(undoBucket).Put(hash, undo); err != nil {
		return err
	}
	if err := dbtx.Bucket(heightsBucket).Put(heightKey(b.Header.Height), hash); err != nil {
		return err
	}
	return dbtx.Bucket(blocksBucket).Put(tipKey, hash)
}

// disconnect takes the tip off the chain: its parent is the tip, and the coins are
// as they were before it. The block itself stays in the file, beside the chain.
func disconnect(dbtx *bolt.Tx, tip *Block) error {
	hash := []byte(tip.Header.Hash)
	var taken [][]Coin
	if err := json.Unmarshal(dbtx.Bucket(undoBucket).Get(hash), &taken); err != nil {
		return err
	}
	if err := (CoinSet{dbtx.Bucket(coinsBucket)}).undoBlock(tip, taken); err != nil {
		return err
	}

	if err := dbtx.Bucket(undoBucket).Delete(hash); err != nil {
		return err
	}
	if err := dbtx.Bucket(heightsBucket).Delete(heightKey(tip.Header.Height)); err != nil {
		return err
	}
	return dbtx.Bucket(blocksBucket).Put(tipKey, []byte(tip.Header.PrevBlockHash))
}

// onChain reports whether a block is on the chain, and not beside it.
func onChain(dbtx *bolt.Tx, b *Block) bool {
	return string(dbtx.Bucket(heightsBucket).Get(heightKey(b.Header.Height))) == b.Header.Hash
}

// branchTo returns the blocks that lead from the chain to b, lowest first: the first
// one's parent is on the chain, the last one is b. Block 0 has no parent.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = slices.Insert(branch, 0, b)
		if b.Header.Height == 0 {
			break
		}
		if b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
			return nil, err
		}
	}
	return branch, nil
}

// switchTo makes b the tip: the chain is rolled back to where the branch of b leaves
// it, and the branch goes on top. The payments of blocks that were rolled back wait
// in the pool again; those of the branch leave it.
func switchTo(dbtx *bolt.Tx, b *Block) error {
	branch, err := branchTo(dbtx, b)
	if err != nil {
		return err
	}

	pool := Pool{dbtx.Bucket(poolBucket)}
	for {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if tip == nil || tip.Header.Hash == branch[0].Header.PrevBlockHash {
			break
		}
		if err := disconnect(dbtx, tip); err != nil {
			return err
		}
		if err := pool.giveBack(tip.Transactions[1:]); err != nil {
			return err
		}
	}

	for _, b := range branch {
		if err := connect(dbtx, b); err != nil {
			return err
		}
		if err := pool.remove(b.Transactions); err != nil {
			return err
		}
	}
	return nil
}

// add checks a block against its parent, which must be in the file, and stores it.
// If it's higher than the tip it becomes the tip, be it on top of the old one or on
// another branch. If it's not, it stays beside the chain. All of that is one database
// transaction: if anything fails the file stays as it was.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if (tip == nil) != (b.Header.Height == 0) {
			return fmt.Errorf("block %d: a chain has one block 0, its first", b.Header.Height)
		}

		var parent *Block
		if tip != nil {
			if parent, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
				return fmt.Errorf("block %d: its parent: %w", b.Header.Height, err)
			}
		}
		if err := checkBlock(b, parent); err != nil {
			return err
		}

		if err := dbtx.Bucket(blocksBucket).Put([]byte(b.Header.Hash), []byte(b.json())); err != nil {
			return err
		}
		if tip != nil && b.Header.Height <= tip.Header.Height {
			return nil // at equal height the first one stays
		}
		return switchTo(dbtx, b)
	})
}

// tip returns the last block of the chain, or nil if the chain is empty.
func (c *Chain) tip() (b *Block, err error) {
	err = c.db.View(func(dbtx *bolt.Tx) error {
		b, err = getTip(dbtx)
		return err
	})
	return b, err
}

// parent returns the block that b names as its parent, or nil for block 0.
func (c *Chain) parent(b *Block) (parent *Block, err error) {
	if b.Header.Height == 0 {
		return nil, nil
	}
	err = c.db.View(func(dbtx *bolt.Tx) error {
		parent, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash))
		return err
	})
	return parent, err
}

// blockAt returns the block at a height, or errNoBlock.
func (c *Chain) blockAt(height int) (b *Block, err error) {
	err = c.db.View(func(dbtx *bolt.Tx) error {
		hash := dbtx.Bucket(heightsBucket).Get(heightKey(height))
		if hash == nil {
			return fmt.Errorf("%w at height %d", errNoBlock, height)
		}
		b, err = getBlock(dbtx, hash)
		return err
	})
	return b, err
}

// coins returns the coins there are, in the order of their names.
func (c *Chain) coins() (coins []Coin, err error) {
	err = c.db.View(func(dbtx *bolt.Tx) error {
		coins, err = CoinSet{dbtx.Bucket(coinsBucket)}.all()
		return err
	})
	return coins, err
}
