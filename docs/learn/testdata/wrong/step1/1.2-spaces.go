package main

import "fmt"

// Wrong: spaces between the fields.
func (h BlockHeader) hash() string {
	return sha256Hex(fmt.Sprint(h.Timestamp, " ", h.PrevBlockHash, " ", h.HashMerkleRoot, " ", h.Height, " None"))
}
