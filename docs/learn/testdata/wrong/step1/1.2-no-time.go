package main

import "strconv"

// Wrong: the time isn't hashed.
func (h BlockHeader) hash() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
