package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: nobody says which block is the tip.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	return heights.Put(heightKey(b.Header.Height), hash)
}
