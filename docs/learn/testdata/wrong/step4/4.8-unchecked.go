package main

// It never asks applyBlock.
func blockFees(coins []Coin, b *Block) (fees int, err error) {
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
		if coins, err = apply(coins, tx); err != nil {
			return 0, err
		}
	}
	return fees, nil
}
