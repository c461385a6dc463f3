package main

import (
	"fmt"
	"strings"
)

// Wrong: an empty chain has no tip, and that is not asked.
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for {
		fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		if b.Header.Height == 0 {
			return text.String(), nil
		}
		if b, err = c.parent(b); err != nil {
			return "", err
		}
	}
}
