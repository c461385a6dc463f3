package main

import (
	"encoding/binary"
)

// Wrong: four bytes, not eight.
func heightKey(height int) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(height))
}
