package main

import "strconv"

// Wrong: a block without a parent has "" there, not None.
func (h BlockHeader) hash() string {
	parent := h.PrevBlockHash
	if parent == "" {
		parent = "None"
	}
	return sha256Hex(h.Timestamp + parent + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
