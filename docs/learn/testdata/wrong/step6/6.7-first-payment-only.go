package main

import "fmt"

// Wrong: it looks at each block's first payment only.
func (c *Chain) confirmations(txid string) (int, error) {
	b, err := c.tip()
	for n := 1; b != nil && err == nil; n++ {
		for _, tx := range b.Transactions[:min(2, len(b.Transactions))] {
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
	if len(waiting) > 0 && waiting[0].TxID == txid {
		return 0, nil
	}
	return 0, fmt.Errorf("%w", errNoBlock)
}
