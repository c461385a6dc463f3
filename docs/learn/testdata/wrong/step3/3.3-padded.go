package main

import (
	"fmt"
)

// Wrong: a text of eight digits: in order up to 99,999,999 only, and not bytes.
func heightKey(height int) []byte {
	return fmt.Appendf(nil, "%08d", height)
}
