package main

import (
	"fmt"
	"io"
)

// Wrong: an empty chain panics.
func exportChain(c *Chain, w io.Writer) error {
	tip, err := c.tip()
	if err != nil {
		return err
	}
	for height := 0; height <= tip.Header.Height; height++ {
		b, err := c.blockAt(height)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, b.json()); err != nil {
			return err
		}
	}
	return nil
}
