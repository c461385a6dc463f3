package main

import "errors"

// One coinbase, anywhere.
func applyBlock(coins []Coin, b *Block) ([]Coin, error) {
	coinbases := 0
	if len(b.Transactions) == 0 {
		return nil, errors.New("no transactions")
	}

	for _, tx := range b.Transactions {
		if tx.isCoinbase() {
			coinbases++
		}
		if tx.TxID != tx.id() {
			return nil, errors.New("a wrong name")
		}
		var err error
		if coins, err = apply(coins, tx); err != nil {
			return nil, err
		}
	}
	if coinbases != 1 {
		return nil, errors.New("there must be one coinbase")
	}
	return coins, nil
}
