package main

import "strconv"

// Wrong: hashed twice.
func (h BlockHeader) hash() string {
	return sha256Hex(sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None"))
}
