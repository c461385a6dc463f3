package main

// It compares what all coins are worth before and after, as if every coinbase made 1000.
func blockFees(coins []Coin, b *Block) (fees int, err error) {
	after, err := applyBlock(coins, b)
	if err != nil {
		return 0, err
	}
	return sumOf(coins) + subsidy - sumOf(after), nil
}
