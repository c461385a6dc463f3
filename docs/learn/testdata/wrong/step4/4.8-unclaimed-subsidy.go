package main

// Wrong: what the coinbase leaves of the subsidy is no fee.
func blockFees(coins []Coin, b *Block) (fees int, err error) {
	after, err := applyBlock(coins, b)
	if err != nil {
		return 0, err
	}
	return sumOf(coins) + subsidy - sumOf(after), nil
}
