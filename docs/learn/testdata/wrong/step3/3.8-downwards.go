package main

import (
	"fmt"
	"io"
)

// Wrong: the tip comes first.
func exportChain(c *Chain, w io.Writer) error {
	tip, err := c.tip()
	if err != nil || tip == nil {
		return err
	}
	for height := tip.Header.Height; height >= 0; height-- {
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
