package main

import "strconv"

// Wrong: the root comes before the parent.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.HashMerkleRoot + h.PrevBlockHash + strconv.Itoa(h.Height) + "None")
}
