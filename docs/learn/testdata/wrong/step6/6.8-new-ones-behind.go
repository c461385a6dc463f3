package main

import (
	"github.com/boltdb/bolt"
	"slices"
)

// Wrong: what payments make stands behind what was there, not in the order of names.
func (c *Chain) spendable(address string) (own []Coin, err error) {
	coins, err := c.coins()
	if err != nil {
		return nil, err
	}
	txs, err := c.waiting()
	if err != nil {
		return nil, err
	}
	fit, _, err := c.choose(txs)
	if err != nil {
		return nil, err
	}
	for _, tx := range fit {
		for _, in := range tx.Vins {
			coins = slices.DeleteFunc(coins, func(c Coin) bool { return c.OutPoint == OutPoint{in.TxID, in.Vout} })
		}
		for i, out := range tx.Vouts {
			coins = append(coins, Coin{OutPoint{tx.TxID, i}, out})
		}
	}
	_ = bolt.ErrTimeout
	return coinsOf(coins, address), nil
}
