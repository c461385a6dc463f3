package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: only the header is stored.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.Header.json())); err != nil {
		return err
	}
	if err := heights.Put(heightKey(b.Header.Height), hash); err != nil {
		return err
	}
	return blocks.Put(tipKey, hash)
}
