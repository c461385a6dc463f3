package main

import "fmt"

// An output of 0 is made when there is no change.
func newTransaction(from, to string, amount int, coins []Coin) (*Transaction, error) {
	if amount < 1 {
		return nil, fmt.Errorf("pay %d: it must be 1 or more", amount)
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
		return nil, fmt.Errorf("pay %d: %w", amount, errNotEnough)
	}
	tx.Vouts = []TXOutput{{Value: amount, PubKeyHash: to}, {Value: sum - amount, PubKeyHash: from}}
	tx.TxID = tx.id()
	return tx, nil
}
