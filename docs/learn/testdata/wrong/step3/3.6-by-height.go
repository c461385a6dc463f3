package main

import (
	"fmt"
	"strings"
)

// Wrong: it goes by the heights, not by the parents.
func printChain(c *Chain) (string, error) {
	tip, err := c.tip()
	if err != nil || tip == nil {
		return "", err
	}
	var text strings.Builder
	for height := tip.Header.Height; height >= 0; height-- {
		b, err := c.blockAt(height)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
	}
	return text.String(), nil
}
