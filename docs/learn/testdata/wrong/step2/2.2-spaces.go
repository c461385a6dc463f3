package main

import "strconv"

// Wrong: nothing stands between the fields.
func (h BlockHeader) work() string {
	return sha256Hex(h.PrevBlockHash + " " + h.HashMerkleRoot + " " + h.Timestamp + " " + strconv.Itoa(h.Height) + " " + h.nonceText())
}
