package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: under the height stands the block, not its hash.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	if err := heights.Put(heightKey(b.Header.Height), []byte(b.json())); err != nil {
		return err
	}
	return blocks.Put(tipKey, hash)
}
