package main

import (
	"encoding/binary"
)

// Wrong: a varint does not sort.
func heightKey(height int) []byte {
	return binary.AppendUvarint(nil, uint64(height))
}
