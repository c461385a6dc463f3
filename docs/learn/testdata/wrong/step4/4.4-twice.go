package main

import "slices"

// A coin that is named twice is taken twice, since it stays.
func spend(coins []Coin, tx *Transaction) (left, taken []Coin, err error) {
	if tx.isCoinbase() {
		return slices.Clone(coins), nil, nil
	}

	spent := map[OutPoint]bool{}
	for _, in := range tx.Vins {
		i := slices.IndexFunc(coins, func(c Coin) bool { return c.TxID == in.TxID && c.Vout == in.Vout })
		if i < 0 {
			return nil, nil, errNoCoin
		}
		taken = append(taken, coins[i])
		spent[coins[i].OutPoint] = true
	}
	for _, c := range coins {
		if !spent[c.OutPoint] {
			left = append(left, c)
		}
	}
	return left, taken, nil
}
