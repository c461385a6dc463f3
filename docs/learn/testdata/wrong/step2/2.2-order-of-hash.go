package main

import "strconv"

// Wrong: the order of hash, not that of work.
func (h BlockHeader) work() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + h.nonceText())
}
