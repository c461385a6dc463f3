package main

import (
	"bufio"
	"fmt"
	"io"
)

// Wrong: blocks that the chain has are an error.
func importChain(c *Chain, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<24)
	for number := 1; lines.Scan(); number++ {
		b, err := decodeBlock(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := c.add(b); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return lines.Err()
}
