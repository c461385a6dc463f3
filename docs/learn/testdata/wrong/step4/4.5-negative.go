package main

import "errors"

// It never looks for outputs below 1.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	for _, out := range tx.Vouts {
		if out.Value > unpaid {
			return errors.New("bad output")
		}
		unpaid -= out.Value
	}
	return nil
}
