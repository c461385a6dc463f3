package main

import "fmt"

// It pays 0.
func newTransaction(from, to string, amount int, coins []Coin) (*Transaction, error) {
	if amount < 0 {
		return nil, fmt.Errorf("pay %d", amount)
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
	tx.Vouts = []TXOutput{{Value: amount, PubKeyHash: to}}
	if sum > amount {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: sum - amount, PubKeyHash: from})
	}
	tx.TxID = tx.id()
	return tx, nil
}
