package main

import (
	"fmt"
	"strings"
)

// Wrong: a missing parent counts as the end.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	var text strings.Builder
	for err == nil && b != nil {
		fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		b, err = c.parent(b)
	}
	return text.String(), nil
}
