package main

// It reads only the first input of a payment.
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
			fees += taken[0].Value
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
