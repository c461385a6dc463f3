package main

import "errors"

// A coinbase must make the whole subsidy, in one output.
func (tx *Transaction) check(taken []Coin) error {
	if tx.isCoinbase() {
		if len(tx.Vouts) != 1 || tx.Vouts[0].Value != subsidy {
			return errors.New("a coinbase pays the subsidy")
		}
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
