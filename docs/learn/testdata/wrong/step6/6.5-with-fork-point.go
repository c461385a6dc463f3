package main

import (
	"slices"

	"github.com/boltdb/bolt"
)

// Wrong: the last common block is in the list.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = slices.Insert(branch, 0, b)
		if b.Header.Height == 0 {
			break
		}
		if b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
			return nil, err
		}
	}
	return slices.Insert(branch, 0, b), nil
}
