package main

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/boltdb/bolt"
)

// A Pool is the bucket of the payments that wait for a block: a number, in the order
// in which they came → the transaction's JSON.
type Pool struct{ bucket *bolt.Bucket }

// poolSize is how many payments make the pool full: then a block is mined.
const poolSize = 2

// add puts a payment at the end of the pool. One that waits already is put there
// again: the article's pool works like that, too.
func (p Pool) add(tx *Transaction) error {
	number, err := p.bucket.NextSequence() // from 1 up
	if err != nil {
		return err
	}
	return p.bucket.Put(heightKey(int(number)), []byte(tx.json()))
}

// all returns the payments in the order in which they came.
func (p Pool) all() (txs []*Transaction, err error) {
	err = p.bucket.ForEach(func(_, text []byte) error {
		tx := new(Transaction)
		err := json.Unmarshal(text, tx)
		txs = append(txs, tx)
		return err
	})
	return txs, err
}

// replace makes txs the payments in the pool, in this order.
func (p Pool) replace(txs []*Transaction) error {
	cursor := p.bucket.Cursor()
	for key, _ := cursor.First(); key != nil; key, _ = cursor.First() {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}

	for _, tx := range txs {
		if err := p.add(tx); err != nil {
			return err
		}
	}
	return nil
}

// remove takes payments out of the pool, wherever they are in it.
func (p Pool) remove(gone []*Transaction) error {
	txs, err := p.all()
	if err != nil {
		return err
	}

	var left []*Transaction
	for _, tx := range txs {
		isGone := func(other *Transaction) bool { return other.TxID == tx.TxID }
		if !slices.ContainsFunc(gone, isGone) {
			left = append(left, tx)
		}
	}
	return p.replace(left)
}

// giveBack puts payments in front of those in the pool: they have waited before.
func (p Pool) giveBack(txs []*Transaction) error {
	waiting, err := p.all()
	if err != nil {
		return err
	}
	return p.replace(slices.Concat(txs, waiting))
}

// A Drop is a payment that can't be made, and why.
type Drop struct {
	tx  *Transaction
	err error
}

// choose tries payments in their order, each on top of those before it, and returns
// those that fit on the chain and those that don't. The file stays as it was.
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
	if !errors.Is(err, errTakeBack) {
		return nil, nil, err
	}
	return fit, drops, nil
}

// pay puts a payment into the pool, if it could be made on top of the chain as it is.
// (Two that spend the same coin may both wait: the article's pool is like that.) It
// returns how many wait now.
func (c *Chain) pay(tx *Transaction) (waiting int, err error) {
	_, drops, err := c.choose([]*Transaction{tx})
	if err != nil {
		return 0, err
	}
	if len(drops) > 0 {
		return 0, drops[0].err
	}

	err = c.db.Update(func(dbtx *bolt.Tx) error {
		pool := Pool{dbtx.Bucket(poolBucket)}
		if err := pool.add(tx); err != nil {
			return err
		}
		txs, err := pool.all()
		waiting = len(txs)
		return err
	})
	return waiting, err
}

// drop takes payments out of the pool that can't be made.
func (c *Chain) drop(drops []Drop) error {
	var gone []*Transaction
	for _, d := range drops {
		gone = append(gone, d.tx)
	}
	return c.db.Update(func(dbtx *bolt.Tx) error {
		return Pool{dbtx.Bucket(poolBucket)}.remove(gone)
	})
}

// waiting returns the payments in the pool, in the order in which they came.
func (c *Chain) waiting() (txs []*Transaction, err error) {
	err = c.db.View(func(dbtx *bolt.Tx) error {
		txs, err = Pool{dbtx.Bucket(poolBucket)}.all()
		return err
	})
	return txs, err
}
