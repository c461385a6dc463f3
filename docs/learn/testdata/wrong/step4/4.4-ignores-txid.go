package main

import (
	"fmt"
	"slices"
)

// Any coin with the same index will do.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	if tx.isCoinbase() {
		return left, nil, nil
	}

	for _, in := range tx.Vins {
		i := slices.IndexFunc(left, func(c Coin) bool { return c.Vout == in.Vout })
		if i < 0 {
			return nil, nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, in.TxID, in.Vout)
		}
		taken = append(taken, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
