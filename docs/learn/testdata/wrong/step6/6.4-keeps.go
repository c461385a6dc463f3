package main

import "github.com/boltdb/bolt"

// Wrong: what was tried is kept.
func (c *Chain) choose(txs []*Transaction) (fit []*Transaction, drops []Drop, err error) {
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		coins := CoinSet{dbtx.Bucket(coinsBucket)}
		for _, tx := range txs {
			if _, err := coins.apply(tx); err != nil {
				drops = append(drops, Drop{tx, err})
			} else {
				fit = append(fit, tx)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return fit, drops, nil
}
