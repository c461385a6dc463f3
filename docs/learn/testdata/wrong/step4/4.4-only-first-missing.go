package main

import "slices"

// It looks for a missing coin among the first input only.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	if tx.isCoinbase() {
		return slices.Clone(coins), nil, nil
	}

	named := map[OutPoint]bool{}
	for _, in := range tx.Vins {
		named[OutPoint{in.TxID, in.Vout}] = true
	}
	for _, c := range coins {
		if named[c.OutPoint] {
			taken = append(taken, c)
		} else {
			left = append(left, c)
		}
	}
	if len(taken) == 0 {
		return nil, nil, errNoCoin
	}
	return left, taken, nil
}
