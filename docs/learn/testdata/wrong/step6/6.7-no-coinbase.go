package main

// Wrong: coinbases are not looked at.
func (c *Chain) confirmations(txid string) (int, error) {
	b, err := c.tip()
	for n := 1; b != nil && err == nil; n++ {
		for _, tx := range b.Transactions[1:] {
			if tx.TxID == txid {
				return n, nil
			}
		}
		b, err = c.parent(b)
	}
	if err != nil {
		return 0, err
	}

	waiting, err := c.waiting()
	if err != nil {
		return 0, err
	}
	for _, tx := range waiting {
		if tx.TxID == txid {
			return 0, nil
		}
	}
	return 0, errNoBlock
}
