package main

import (
	"errors"
	"github.com/boltdb/bolt"
	"slices"
)

// Wrong: a parent that's missing ends the branch as if it were on the chain.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = slices.Insert(branch, 0, b)
		if b.Header.Height == 0 {
			break
		}
		b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash))
		if errors.Is(err, errNoBlock) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return branch, nil
}
