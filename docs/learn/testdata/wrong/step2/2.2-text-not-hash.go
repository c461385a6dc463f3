package main

import "strconv"

// Wrong: the text itself, not its hash.
func (h BlockHeader) work() string {
	return h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height) + h.nonceText()
}
