package main

import "strconv"

// Wrong: block 0 has no nonce: it is hashed as None.
func (h BlockHeader) work() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height) + strconv.Itoa(h.Nonce))
}
