package main

import "github.com/boltdb/bolt"

// Wrong: what has just come back counts as having come at height 0.
func (c *Chain) expire(arrivals map[string]int, before int) (expired []*Transaction, err error) {
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		pool := Pool{dbtx.Bucket(poolBucket)}
		waiting, err := pool.all()
		if err != nil {
			return err
		}
		for _, tx := range waiting {
			if arrivals[tx.TxID] < before {
				expired = append(expired, tx)
			}
		}
		return pool.remove(expired)
	})
	if err != nil {
		return nil, err
	}
	return expired, nil
}
