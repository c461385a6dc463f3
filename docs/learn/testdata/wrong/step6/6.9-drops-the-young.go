package main

import "github.com/boltdb/bolt"

// Wrong: the young ones go.
func (c *Chain) expire(arrivals map[string]int, before int) (expired []*Transaction, err error) {
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		pool := Pool{dbtx.Bucket(poolBucket)}
		waiting, err := pool.all()
		if err != nil {
			return err
		}
		for _, tx := range waiting {
			if height, known := arrivals[tx.TxID]; known && height >= before {
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
