package main

import "errors"

// Nobody may make more than the subsidy.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := min(sumOf(taken), subsidy)
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
	return nil
}
