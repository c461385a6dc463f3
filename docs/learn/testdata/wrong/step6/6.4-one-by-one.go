package main

import "github.com/boltdb/bolt"

// Wrong: each payment is tried by itself, not on top of those before it.
func (c *Chain) choose(txs []*Transaction) (fit []*Transaction, drops []Drop, err error) {
	coins := CoinSet{}
	err = c.db.View(func(dbtx *bolt.Tx) error {
		coins.bucket = dbtx.Bucket(coinsBucket)
		for _, tx := range txs {
			taken, err := coins.find(tx)
			if err == nil {
				err = tx.check(taken)
			}
			if err != nil {
				drops = append(drops, Drop{tx, err})
			} else {
				fit = append(fit, tx)
			}
		}
		return nil
	})
	return fit, drops, err
}
