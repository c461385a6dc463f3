package main

import (
	"fmt"
	"slices"
)

// It returns only the last coin that it took.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	if tx.isCoinbase() {
		return left, nil, nil
	}

	for _, in := range tx.Vins {
		spent := OutPoint{in.TxID, in.Vout}
		i := slices.IndexFunc(left, func(c Coin) bool { return c.OutPoint == spent })
		if i < 0 {
			return nil, nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, in.TxID, in.Vout)
		}
		taken = []Coin{left[i]}
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
