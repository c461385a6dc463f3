package main

// It looks for all coins among those before the block.
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
			fees += sumOf(taken)
			for _, out := range tx.Vouts {
				fees -= out.Value
			}
		}
	}
	return fees, nil
}
