package main

import "errors"

// The first must be a coinbase, but another one may follow.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for i, tx := range b.Transactions {
		if i == 0 && !tx.isCoinbase() {
			return nil, errors.New("the first must be a coinbase")
		}
		if tx.TxID != tx.id() {
			return nil, errors.New("a wrong name")
		}
		var err error
		if coins, err = apply(coins, tx); err != nil {
			return nil, err
		}
	}
	return coins, nil
}
