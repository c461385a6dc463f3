package main

import (
	"fmt"
	"io"
)

// Wrong: a full disk goes unnoticed.
func exportChain(c *Chain, w io.Writer) error {
	tip, err := c.tip()
	if err != nil || tip == nil {
		return err
	}
	for height := 0; height <= tip.Header.Height; height++ {
		b, err := c.blockAt(height)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, b.json())
	}
	return nil
}
