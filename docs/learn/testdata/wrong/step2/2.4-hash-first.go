package main

// Wrong: the hash is taken before the nonce is found.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	h.Nonce = 0
	h.Hash = h.hash()
	for !meetsTarget(h.work(), bits) {
		h.Nonce++
	}
	return h.Nonce + 1
}
