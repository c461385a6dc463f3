package main

import (
	"bufio"
	"fmt"
	"io"
)

// Wrong: a block whose header it has is passed over, whatever its transactions are.
func importChain(c *Chain, r io.Reader) error {
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, readErr := lines.ReadBytes('\n')
		if readErr != nil && readErr != io.EOF {
			return fmt.Errorf("line %d: %w", number, readErr)
		}
		if len(line) == 0 {
			return nil
		}
		b, err := decodeBlock(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if old, err := c.blockAt(b.Header.Height); err == nil && old.Header == b.Header {
			continue
		}
		if err := c.add(b); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}
