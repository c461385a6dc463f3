package main

import "strconv"

// Wrong: the parent comes before the time.
func (h BlockHeader) hash() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height) + "None")
}
