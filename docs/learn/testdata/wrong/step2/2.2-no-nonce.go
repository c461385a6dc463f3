package main

import "strconv"

// Wrong: without the nonce each try gives the same work.
func (h BlockHeader) work() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height))
}
