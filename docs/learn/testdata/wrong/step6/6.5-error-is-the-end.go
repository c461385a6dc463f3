package main

import (
	"slices"

	"github.com/boltdb/bolt"
)

// Wrong: a parent that is missing counts as the fork point.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = slices.Insert(branch, 0, b)
		if b.Header.Height == 0 {
			break
		}
		if b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
			return branch, nil
		}
	}
	return branch, nil
}
