package main

import "errors"

// Wrong: it may leave all that it takes to the miner.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("nothing")
	}
	if len(tx.Vouts) == 0 {
		return errors.New("makes nothing")
	}
	for _, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid {
			return errors.New("too much")
		}
		unpaid -= out.Value
	}
	return nil
}
