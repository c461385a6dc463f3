package main

import "errors"

// It looks at the payment and the change, and no further.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	if tx.isCoinbase() {
		unpaid = subsidy
	} else if len(taken) == 0 {
		return errors.New("it spends nothing")
	}

	for _, out := range tx.Vouts[:min(2, len(tx.Vouts))] {
		if out.Value < 1 || out.Value > unpaid {
			return errors.New("bad output")
		}
		unpaid -= out.Value
	}
	return nil
}
