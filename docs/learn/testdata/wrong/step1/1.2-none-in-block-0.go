package main

import "strconv"

// Wrong: None only in block 0.
func (h BlockHeader) hash() string {
	text := h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height)
	if h.Height == 0 {
		text += "None"
	}
	return sha256Hex(text)
}
