package main

import "errors"

// Nobody looks at the names.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for i, tx := range b.Transactions {
		if tx.isCoinbase() != (i == 0) {
			return nil, errors.New("the first must be a coinbase, and no other")
		}
		var err error
		if coins, err = apply(coins, tx); err != nil {
			return nil, err
		}
	}
	return coins, nil
}
