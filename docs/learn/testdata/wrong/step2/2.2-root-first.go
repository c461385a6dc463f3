package main

import "strconv"

// Wrong: the parent comes before the Merkle root.
func (h BlockHeader) work() string {
	return sha256Hex(h.HashMerkleRoot + h.PrevBlockHash + h.Timestamp + strconv.Itoa(h.Height) + h.nonceText())
}
