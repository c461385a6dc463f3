package main

// Wrong: the coins that waiting payments spend stay.
func (c *Chain) spendable(address string) ([]Coin, error) {
	coins, err := c.coins()
	if err != nil {
		return nil, err
	}
	waiting, err := c.waiting()
	for _, tx := range waiting {
		for i, out := range tx.Vouts {
			coins = append(coins, Coin{OutPoint{tx.TxID, i}, out})
		}
	}
	return coinsOf(coins, address), err
}
