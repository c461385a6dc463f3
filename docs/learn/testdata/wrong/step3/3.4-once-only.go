package main

import "github.com/boltdb/bolt"

// Wrong: a height that has a block already keeps it.
func putBlock(dbtx *bolt.Tx, b *Block) error {
	blocks, heights := dbtx.Bucket(blocksBucket), dbtx.Bucket(heightsBucket)
	hash := []byte(b.Header.Hash)
	if err := blocks.Put(hash, []byte(b.json())); err != nil {
		return err
	}
	if key := heightKey(b.Header.Height); heights.Get(key) == nil {
		if err := heights.Put(key, hash); err != nil {
			return err
		}
	}
	return blocks.Put(tipKey, hash)
}
