package main

import (
	"encoding/binary"
)

// Wrong: the least significant byte comes first.
func heightKey(height int) []byte {
	return binary.LittleEndian.AppendUint64(nil, uint64(height))
}
