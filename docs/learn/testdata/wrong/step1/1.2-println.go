package main

import "fmt"

// Wrong: a line's end is hashed as well.
func (h BlockHeader) hash() string {
	return sha256Hex(fmt.Sprintf("%s%s%s%dNone\n", h.Timestamp, h.PrevBlockHash, h.HashMerkleRoot, h.Height))
}
