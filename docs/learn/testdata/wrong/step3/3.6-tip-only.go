package main

import (
	"fmt"
	"strings"
)

// Wrong: only the tip is printed.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil || b == nil {
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
	return text.String(), nil
}
