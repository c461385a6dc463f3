package main

import "slices"

// A coin that is not there is passed over.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	left = slices.Clone(coins)
	if tx.isCoinbase() {
		return left, nil, nil
	}

	for _, in := range tx.Vins {
		spent := OutPoint{in.TxID, in.Vout}
		i := slices.IndexFunc(left, func(c Coin) bool { return c.OutPoint == spent })
		if i < 0 {
			continue
		}
		taken = append(taken, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return left, taken, nil
}
