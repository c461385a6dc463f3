package main

import "github.com/boltdb/bolt"

// Wrong: the highest block comes first.
func branchTo(dbtx *bolt.Tx, b *Block) (branch []*Block, err error) {
	for !onChain(dbtx, b) {
		branch = append(branch, b)
		if b.Header.Height == 0 {
			break
		}
		if b, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
			return nil, err
		}
	}
	return branch, nil
}
