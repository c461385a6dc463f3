package main

import "strconv"

// Wrong: the fields in the order in which they're declared, Hash included.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.Hash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
