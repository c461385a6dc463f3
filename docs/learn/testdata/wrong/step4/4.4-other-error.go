package main

import (
	"fmt"
	"slices"
)

// The error is not errNoCoin.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	if tx.isCoinbase() {
		return left, nil, nil
	}

	for _, in := range tx.Vins {
		spent := OutPoint{in.TxID, in.Vout}
		i := slices.IndexFunc(left, func(c Coin) bool { return c.OutPoint == spent })
		if i < 0 {
			return nil, nil, fmt.Errorf("no coin %.8s:%d", in.TxID, in.Vout)
		}
		taken = append(taken, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
