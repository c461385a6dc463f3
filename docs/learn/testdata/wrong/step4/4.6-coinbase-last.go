package main

import "errors"

// The payments come first, then the coinbase.
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
		if i == 0 {
			continue
		}
		var err error
		if coins, err = apply(coins, tx); err != nil {
			return nil, err
		}
	}
	return apply(coins, b.Transactions[0])
}
