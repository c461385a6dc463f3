package main

import (
	"fmt"
	"slices"
)

// Wrong: a transaction without inputs, which anybody may send, crashes it.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	if tx.Vins[0].TxID == "" && tx.Vins[0].Vout == -1 && len(tx.Vins) == 1 {
		return left, nil, nil
	}
	for _, in := range tx.Vins {
		i := slices.IndexFunc(left, func(c Coin) bool { return c.TxID == in.TxID && c.Vout == in.Vout })
		if i < 0 {
			return nil, nil, fmt.Errorf("%w", errNoCoin)
		}
		taken = append(taken, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
