package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the height is forgotten.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	_ = heights
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	return blocks.Put(tipKey, hash)
}
