package main

import "github.com/boltdb/bolt"

// Wrong: the branch goes on top of the old blocks.
func switchTo(dbtx *bolt.Tx, b *Block) error {
	branch, err := branchTo(dbtx, b)
	if err != nil {
		return err
	}

	pool := Pool{dbtx.Bucket(poolBucket)}
	for _, b := range branch {
		if err := connect(dbtx, b); err != nil {
			return err
		}
		if err := pool.remove(b.Transactions); err != nil {
			return err
		}
	}
	return nil
}
