package main

import "errors"

// One coin may come from nowhere.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	for _, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid+1 {
			return errors.New("bad output")
		}
		unpaid -= out.Value
	}
	return nil
}
