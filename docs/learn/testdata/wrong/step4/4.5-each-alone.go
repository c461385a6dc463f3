package main

import "errors"

// Each output is compared with all that there is.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	for _, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid {
			return errors.New("bad output")
		}
	}
	return nil
}
