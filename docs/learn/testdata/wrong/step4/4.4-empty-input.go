package main

import (
	"fmt"
	"slices"
)

// An input without a txid is passed over, wherever it stands.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	for _, in := range tx.Vins {
		if in.TxID == "" {
			continue
		}
		spent := OutPoint{in.TxID, in.Vout}
		i := slices.IndexFunc(left, func(c Coin) bool { return c.OutPoint == spent })
		if i < 0 {
			return nil, nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, in.TxID, in.Vout)
		}
		taken = append(taken, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
