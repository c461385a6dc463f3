package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the parent is called the tip.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	if err := heights.Put(heightKey(b.Header.Height), hash); err != nil {
		return err
	}
	return blocks.Put(tipKey, []byte(b.Header.PrevBlockHash))
}
