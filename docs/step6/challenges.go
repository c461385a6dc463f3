//go:build challenge

package main

import (
	"errors"
	"fmt"

	"github.com/boltdb/bolt"
)

// confirmations returns how many blocks of the chain have confirmed a transaction: 1
// if it's in the tip, 2 if it's in the tip's parent, and so on; 0 if it waits in the
// pool. For any other txid it returns errNoBlock, be the transaction in a block beside
// the chain or nowhere.
func (c *Chain) confirmations(txid string) (int, error) {
	b, err := c.tip()
	for n := 1; b != nil && err == nil; n++ {
		for _, tx := range b.Transactions {
			if tx.TxID == txid {
				return n, nil
			}
		}
		b, err = c.parent(b)
	}
	if err != nil {
		return 0, err
	}

	waiting, err := c.waiting()
	if err != nil {
		return 0, err
	}
	for _, tx := range waiting {
		if tx.TxID == txid {
			return 0, nil
		}
	}
	return 0, fmt.Errorf("%w with transaction %.8s", errNoBlock, txid)
}

// spendable returns the coins that an address will have once the payments in the pool
// are in a block, in the order of the coins' names. Payments are taken in the order of
// the pool; one that doesn't fit on those before it counts for nothing. The file stays
// as it was.
func (c *Chain) spendable(address string) (own []Coin, err error) {
	errTakeBack := errors.New("it was only a try")
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		waiting, err := Pool{dbtx.Bucket(poolBucket)}.all()
		if err != nil {
			return err
		}

		set := CoinSet{dbtx.Bucket(coinsBucket)}
		for _, tx := range waiting {
			_, _ = set.apply(tx) // one that doesn't fit changes nothing
		}
		coins, err := set.all()
		if err != nil {
			return err
		}
		own = coinsOf(coins, address)
		return errTakeBack
	})
	if !errors.Is(err, errTakeBack) {
		return nil, err
	}
	return own, nil
}

// expire takes payments out of the pool that came into it before the tip had a height,
// and returns them, in the order of the pool. arrivals has the height of the tip when
// each came, by its txid. One that isn't in arrivals has just come, for example back
// from a block that was rolled back, and stays.
func (c *Chain) expire(arrivals map[string]int, before int) (expired []*Transaction, err error) {
	err = c.db.Update(func(dbtx *bolt.Tx) error {
		pool := Pool{dbtx.Bucket(poolBucket)}
		waiting, err := pool.all()
		if err != nil {
			return err
		}
		for _, tx := range waiting {
			if height, known := arrivals[tx.TxID]; known && height < before {
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
