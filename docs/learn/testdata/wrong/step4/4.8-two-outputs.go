package main

// It reads only the last output, which it takes for the change.
func blockFees(coins []Coin, b *Block) (fees int, err error) {
	if _, err := applyBlock(coins, b); err != nil {
		return 0, err
	}

	for _, tx := range b.Transactions {
		_, taken, err := spend(coins, tx)
		if err != nil {
			return 0, err
		}
		if !tx.isCoinbase() {
			fees += sumOf(taken) - tx.Vouts[len(tx.Vouts)-1].Value
		}
		if coins, err = apply(coins, tx); err != nil {
			return 0, err
		}
	}
	return fees, nil
}
