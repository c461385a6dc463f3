package main

import (
	"fmt"
	"slices"
)

// Only the sum has to be 1 or more: one of the receivers pays.
func payMany(from string, outs []TXOutput, coins []Coin) (*Transaction, error) {
	if len(outs) == 0 {
		return nil, fmt.Errorf("pay nobody")
	}
	amount := 0
	for _, out := range outs {
		amount += out.Value
	}

	tx := &Transaction{Vouts: slices.Clone(outs)}
	sum := 0
	for _, c := range coins {
		if sum >= amount {
			break
		}
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		sum += c.Value
	}
	if amount < 1 {
		return nil, fmt.Errorf("pay %d", amount)
	}
	if sum < amount {
		return nil, errNotEnough
	}
	if sum > amount {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: sum - amount, PubKeyHash: from})
	}
	tx.TxID = tx.id()
	return tx, nil
}
