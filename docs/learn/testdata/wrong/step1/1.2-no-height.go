package main

// Wrong: the height isn't hashed.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + "None")
}
