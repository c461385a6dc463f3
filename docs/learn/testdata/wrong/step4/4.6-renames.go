package main

import "errors"

// It gives each transaction the right name, instead of asking for it.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for i, tx := range b.Transactions {
		if tx.isCoinbase() != (i == 0) {
			return nil, errors.New("the first must be a coinbase, and no other")
		}
		tx.TxID = tx.id()
		var err error
		if coins, err = apply(coins, tx); err != nil {
			return nil, err
		}
	}
	return coins, nil
}
