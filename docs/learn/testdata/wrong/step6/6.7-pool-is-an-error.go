package main

// Wrong: what waits is not found.
func (c *Chain) confirmations(txid string) (int, error) {
	b, err := c.tip()
	for n := 1; b != nil && err == nil; n++ {
		for _, tx := range b.Transactions {
			if tx.TxID == txid {
				return n, nil
			}
		}
		b, err = c.parent(b)
	}
	if err != nil {
		return 0, err
	}

	return 0, errNoBlock
}
