package main

import "strconv"

// Wrong: it returns what the header says of itself.
func (h BlockHeader) hash() string {
	if h.Hash != "" {
		return h.Hash
	}
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
