package main

import "strconv"

// Wrong: Bitcoin hashes twice; this chain does it once.
func (h BlockHeader) work() string {
	return sha256Hex(sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height) + h.nonceText()))
}
