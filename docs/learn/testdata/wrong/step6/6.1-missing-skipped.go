package main

import (
	"fmt"
	"slices"
)

// Wrong: what isn't there is passed over.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}

	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			continue
		}
		if slices.Contains(coins, c) {
			return nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, c.TxID, c.Vout)
		}
		coins = append(coins, c)
	}
	return coins, nil
}
