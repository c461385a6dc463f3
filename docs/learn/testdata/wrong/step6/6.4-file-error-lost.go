package main

import (
	"errors"

	"github.com/boltdb/bolt"
)

// Wrong: an error of the file is lost.
func (c *Chain) choose(txs []*Transaction) (fit []*Transaction, drops []Drop, err error) {
	errTakeBack := errors.New("it was only a try")
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		coins := CoinSet{dbtx.Bucket(coinsBucket)}
		for _, tx := range txs {
			if _, err := coins.apply(tx); err != nil {
				drops = append(drops, Drop{tx, err})
			} else {
				fit = append(fit, tx)
			}
		}
		return errTakeBack
	})
	return fit, drops, nil
}
