package main

import (
	"fmt"
	"strings"
)

// Wrong: it stops before block 0.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for b != nil && b.Header.Height > 0 {
		fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		if b, err = c.parent(b); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}
