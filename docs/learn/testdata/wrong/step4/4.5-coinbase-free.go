package main

import "errors"

// A coinbase may make what it likes.
func (tx *Transaction) check(taken []Coin) error {
	if tx.isCoinbase() {
		return nil
	}
	unpaid := sumOf(taken)
	if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	for _, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid {
			return errors.New("bad output")
		}
		unpaid -= out.Value
	}
	return nil
}
