package main

// Wrong: the height is left out.
func (h BlockHeader) work() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + h.nonceText())
}
