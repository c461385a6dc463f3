package main

import (
	"strings"
)

// Wrong: only the tip is searched.
func (c *Chain) find(txid string) (*Block, error) {
	b, err := c.tip()
	if err != nil || b == nil {
		return nil, errNoBlock
	}
	for _, text := range b.Transactions {
		if strings.HasPrefix(string(text), `{"txid": "`+txid+`"`) {
			return b, nil
		}
	}
	return nil, errNoBlock
}
