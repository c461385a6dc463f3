package main

import "errors"

// Only the first coin counts.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := 0
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	} else {
		unpaid = taken[0].Value
	}

	for _, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid {
			return errors.New("bad output")
		}
		unpaid -= out.Value
	}
	return nil
}
