package main

import "strconv"

// Wrong: the text that is to be hashed, not its hash.
func (h BlockHeader) hash() string {
	return h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None"
}
