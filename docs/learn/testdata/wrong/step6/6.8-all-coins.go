package main

import (
	"errors"

	"github.com/boltdb/bolt"
)

// Wrong: the coins of everybody.
func (c *Chain) spendable(address string) (own []Coin, err error) {
	errTakeBack := errors.New("it was only a try")
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		waiting, err := Pool{dbtx.Bucket(poolBucket)}.all()
		if err != nil {
			return err
		}

		set := CoinSet{dbtx.Bucket(coinsBucket)}
		for _, tx := range waiting {
			_, _ = set.apply(tx)
		}
		coins, err := set.all()
		if err != nil {
			return err
		}
		own = coins
		return errTakeBack
	})
	if !errors.Is(err, errTakeBack) {
		return nil, err
	}
	return own, nil
}
