package main

import (
	"slices"

	"github.com/boltdb/bolt"
)

// Wrong: another block 0 has no parent to look up, and that is not thought of.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = slices.Insert(branch, 0, b)
		if b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
			return nil, err
		}
	}
	return branch, nil
}
