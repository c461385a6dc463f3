package main

import "errors"

// It wants outputs that are worth just what it takes.
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
		unpaid -= out.Value
	}
	if unpaid != 0 {
		return errors.New("something is left over")
	}
	return nil
}
