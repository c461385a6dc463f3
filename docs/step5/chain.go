package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/boltdb/bolt"
)

// A Chain is a chain of blocks in a file.
type Chain struct{ db *bolt.DB }

// The file has two tables, which bolt calls buckets, and a key for the tip.
var (
	blocksBucket  = []byte("blocks")  // hash → the block's JSON; under tipKey the hash of the tip
	heightsBucket = []byte("heights") // height → hash of the block there
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
		for _, name := range [][]byte{blocksBucket, heightsBucket} {
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

// putBlock stores a block and makes it the tip: the block under its hash, its hash
// under its height, and its hash under tipKey.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	if err := heights.Put(heightKey(b.Header.Height), hash); err != nil {
		return err
	}
	return blocks.Put(tipKey, hash)
}

// getCoins returns the coins there are, oldest first. It reads the whole chain for
// that, from block 0 up.
func getCoins(dbtx *bolt.Tx) (coins []Coin, err error) {
	cursor := dbtx.Bucket(heightsBucket).Cursor()
	for key, hash := cursor.First(); key != nil; key, hash = cursor.Next() {
		b, err := getBlock(dbtx, hash)
		if err != nil {
			return nil, err
		}
		if coins, err = applyBlock(coins, b); err != nil {
			return nil, err
		}
	}
	return coins, nil
}

// add checks a block against the tip and the coins there are, and makes it the new
// tip: all of that in one database transaction. If it fails the file stays as it was.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if err := checkBlock(b, tip); err != nil {
			return err
		}

		coins, err := getCoins(dbtx)
		if err != nil {
			return err
		}
		if _, err := applyBlock(coins, b); err != nil {
			return err
		}
		return putBlock(dbtx, b)
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

// coins returns the coins there are, oldest first.
func (c *Chain) coins() (coins []Coin, err error) {
	err = c.db.View(func(dbtx *bolt.Tx) error {
		coins, err = getCoins(dbtx)
		return err
	})
	return coins, err
}
