package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: no error is returned.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	blocks.Put(hash, []byte(b.json()))
	heights.Put(heightKey(b.Header.Height), hash)
	blocks.Put(tipKey, hash)
	return nil
}
