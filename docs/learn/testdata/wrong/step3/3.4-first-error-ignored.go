package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: an error of the first Put is lost.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	blocks.Put(hash, []byte(b.json()))
	if err := heights.Put(heightKey(b.Header.Height), hash); err != nil {
		return err
	}
	return blocks.Put(tipKey, hash)
}
