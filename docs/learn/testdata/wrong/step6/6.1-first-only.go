package main

import (
	"fmt"
	"slices"
)

// Wrong: only the first input is looked at.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}

	for _, in := range tx.Vins[:1] {
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
