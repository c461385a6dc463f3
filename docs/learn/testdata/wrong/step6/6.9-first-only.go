package main

import "github.com/boltdb/bolt"

// Wrong: it stops at the first payment that stays.
func (c *Chain) expire(arrivals map[string]int, before int) (expired []*Transaction, err error) {
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		pool := Pool{dbtx.Bucket(poolBucket)}
		waiting, err := pool.all()
		if err != nil {
			return err
		}
		for _, tx := range waiting {
			height, known := arrivals[tx.TxID]
			if !known || height >= before {
				break
			}
			expired = append(expired, tx)
		}
		return pool.remove(expired)
	})
	return expired, err
}
