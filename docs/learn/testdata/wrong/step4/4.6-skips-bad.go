package main

import "errors"

// A transaction that does not apply is passed over.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for i, tx := range b.Transactions {
		if tx.isCoinbase() != (i == 0) {
			return nil, errors.New("the first must be a coinbase, and no other")
		}
		if tx.TxID != tx.id() {
			return nil, errors.New("a wrong name")
		}
		if after, err := apply(coins, tx); err == nil {
			coins = after
		}
	}
	return coins, nil
}
