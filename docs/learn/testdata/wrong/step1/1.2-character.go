package main

// Wrong: string(rune(1)) is the first character, not the text "1".
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + string(rune(h.Height)) + "None")
}
