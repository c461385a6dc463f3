package main

import "github.com/boltdb/bolt"

// Wrong: the coinbase waits in the pool, too.
func switchTo(dbtx *bolt.Tx, b *Block) error {
	branch, err := branchTo(dbtx, b)
	if err != nil {
		return err
	}

	pool := Pool{dbtx.Bucket(poolBucket)}
	for {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if tip == nil || tip.Header.Hash == branch[0].Header.PrevBlockHash {
			break
		}
		if err := disconnect(dbtx, tip); err != nil {
			return err
		}
		if err := pool.giveBack(tip.Transactions); err != nil {
			return err
		}
	}

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
