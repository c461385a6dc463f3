package main

import (
	"strings"
)

// Wrong: a txid that stands anywhere in a transaction counts.
func (c *Chain) find(txid string) (*Block, error) {
	b, err := c.tip()
	for ; b != nil && err == nil; b, err = c.parent(b) {
		for _, text := range b.Transactions {
			if strings.Contains(string(text), txid) {
				return b, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, errNoBlock
}
