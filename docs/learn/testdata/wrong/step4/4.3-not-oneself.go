package main

import (
	"errors"
	"fmt"
)

// Wrong: one may pay oneself.
func newTransaction(from, to string, amount int, coins []Coin) (*Transaction, error) {
	if amount < 1 || from == to {
		return nil, errors.New("bad payment")
	}
	tx := new(Transaction)
	sum := 0
	for _, c := range coins {
		if sum >= amount {
			break
		}
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		sum += c.Value
	}
	if sum < amount {
		return nil, fmt.Errorf("%w", errNotEnough)
	}
	tx.Vouts = []TXOutput{{Value: amount, PubKeyHash: to}}
	if sum > amount {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: sum - amount, PubKeyHash: from})
	}
	tx.TxID = tx.id()
	return tx, nil
}
