package main

import (
	"strings"
)

// Wrong: only the first transaction of a block is looked at.
func (c *Chain) find(txid string) (*Block, error) {
	b, err := c.tip()
	for ; b != nil && err == nil; b, err = c.parent(b) {
		if strings.HasPrefix(string(b.Transactions[0]), `{"txid": "`+txid+`"`) {
			return b, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, errNoBlock
}
