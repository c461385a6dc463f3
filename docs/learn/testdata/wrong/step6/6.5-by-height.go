package main

import (
	"slices"

	"github.com/boltdb/bolt"
)

// Wrong: it stops where the chain has a block of that height, be it another one.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for dbtx.Bucket(heightsBucket).Get(heightKey(b.Header.Height)) == nil {
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
