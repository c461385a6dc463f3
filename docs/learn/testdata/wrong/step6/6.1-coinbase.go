package main

import (
	"fmt"
	"slices"
)

// Wrong: a coinbase is looked up, too.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if slices.Contains(coins, c) {
			return nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, c.TxID, c.Vout)
		}
		coins = append(coins, c)
	}
	return coins, nil
}
