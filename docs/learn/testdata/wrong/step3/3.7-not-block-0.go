package main

import (
	"strings"
)

// Wrong: block 0 is left out.
func (c *Chain) find(txid string) (*Block, error) {
	b, err := c.tip()
	for ; b != nil && err == nil; b, err = c.parent(b) {
		for _, text := range b.Transactions {
			if b.Header.Height > 0 && strings.HasPrefix(string(text), `{"txid": "`+txid+`"`) {
				return b, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, errNoBlock
}
