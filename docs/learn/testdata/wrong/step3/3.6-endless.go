package main

import (
	"fmt"
	"strings"
)

// Wrong: it never goes on to the parent.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for i := 0; b != nil; i++ {
		if i < 100 {
			fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		}
	}
	return text.String(), nil
}
