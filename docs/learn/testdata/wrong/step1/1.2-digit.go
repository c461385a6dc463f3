package main

// Wrong: right only as long as the height has one digit.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + string(rune('0'+h.Height)) + "None")
}
