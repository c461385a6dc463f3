package main

import "encoding/binary"

var keyBuffer [8]byte

// Wrong: all keys share one buffer, so the next call changes the last key.
func heightKey(height int) []byte {
	binary.BigEndian.PutUint64(keyBuffer[:], uint64(height))
	return keyBuffer[:]
}
