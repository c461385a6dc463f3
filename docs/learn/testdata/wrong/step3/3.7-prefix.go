package main

import (
	"strings"
)

// Wrong: the beginning of a txid suffices.
func (c *Chain) find(txid string) (*Block, error) {
	b, err := c.tip()
	for ; b != nil && err == nil; b, err = c.parent(b) {
		for _, text := range b.Transactions {
			if strings.HasPrefix(string(text), `{"txid": "`+txid) {
				return b, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, errNoBlock
}
