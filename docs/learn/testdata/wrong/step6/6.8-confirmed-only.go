package main

// Wrong: what waits is not looked at.
func (c *Chain) spendable(address string) ([]Coin, error) {
	coins, err := c.coins()
	return coinsOf(coins, address), err
}
