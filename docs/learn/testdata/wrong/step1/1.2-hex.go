package main

import "strconv"

// Wrong: the height in hexadecimal.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.FormatInt(int64(h.Height), 16) + "None")
}
