package main

import "github.com/boltdb/bolt"

// Wrong: only b itself is returned.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	if onChain(dbtx, b) {
		return nil, nil
	}
	return []*Block{b}, nil
}
