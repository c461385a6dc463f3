package main

import "strconv"

// Wrong: null is JSON's word, not Python's.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "null")
}
