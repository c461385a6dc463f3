package main

import "errors"

// It compares sums: 1500 and -500 pass.
func (tx *Transaction) check(taken []Coin) error {
	limit := sumOf(taken)
	if tx.isCoinbase() {
		limit = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	sum := 0
	for _, out := range tx.Vouts {
		sum += out.Value
	}
	if sum < 1 || sum > limit {
		return errors.New("it makes more than it takes")
	}
	return nil
}
