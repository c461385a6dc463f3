package main

import "slices"

// What is left shares memory with the caller's coins.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	if tx.isCoinbase() {
		return coins, nil, nil
	}

	left = coins
	for _, in := range tx.Vins {
		i := slices.IndexFunc(left, func(c Coin) bool { return c.TxID == in.TxID && c.Vout == in.Vout })
		if i < 0 {
			return nil, nil, errNoCoin
		}
		taken = append(taken, left[i])
		if i == len(left)-1 {
			left = left[:i] // the last one: nothing to copy
		} else {
			left = append(slices.Clone(left[:i]), left[i+1:]...)
		}
	}
	return left, taken, nil
}
