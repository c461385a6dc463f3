package main

import "strconv"

// Wrong: height and nonce are two texts in a row, not a sum.
func (h BlockHeader) work() string {
	if h.Height == 0 {
		return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + "0None")
	}
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height+h.Nonce))
}
