package main

import "github.com/boltdb/bolt"

// Wrong: the payments are made in earnest.
func (c *Chain) spendable(address string) (own []Coin, err error) {
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
		own = coinsOf(coins, address)
		return nil
	})
	return own, err
}
