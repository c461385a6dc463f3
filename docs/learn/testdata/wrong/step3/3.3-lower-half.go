package main

import "encoding/binary"

// Wrong: eight bytes, of which only four are ever used.
func heightKey(height int) []byte {
	key := make([]byte, 8)
	binary.BigEndian.PutUint32(key[4:], uint32(height))
	return key
}
