package main

import (
	"slices"

	"github.com/boltdb/bolt"
)

// Wrong: it goes down to block 0, past the chain.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for {
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
