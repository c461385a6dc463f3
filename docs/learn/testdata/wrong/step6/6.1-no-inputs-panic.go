package main

import (
	"fmt"
	"slices"
)

// Wrong: a transaction without inputs, which anybody may send, crashes it.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.Vins[0].Vout == -1 && tx.isCoinbase() {
		return nil, nil
	}
	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if slices.Contains(coins, c) {
			return nil, fmt.Errorf("%w", errNoCoin)
		}
		coins = append(coins, c)
	}
	return coins, nil
}
