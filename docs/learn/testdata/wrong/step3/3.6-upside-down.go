package main

import (
	"fmt"
)

// Wrong: block 0 comes first.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil {
		return "", err
	}
	text := ""
	for b != nil {
		text = fmt.Sprintf("block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash) + text
		if b, err = c.parent(b); err != nil {
			return "", err
		}
	}
	return text, nil
}
