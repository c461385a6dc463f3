package main

import (
	"bufio"
	"io"
)

// Wrong: lines that are bad are passed over.
func importChain(c *Chain, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		b, err := decodeBlock(lines.Bytes())
		if err != nil {
			continue
		}
		if err := c.add(b); err != nil {
			continue
		}
	}
	return lines.Err()
}
