package main

import "errors"

// Each transaction is applied to the coins before the block.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	before := coins
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
		after, err := apply(before, tx)
		if err != nil {
			return nil, err
		}
		coins = after
	}
	return coins, nil
}
