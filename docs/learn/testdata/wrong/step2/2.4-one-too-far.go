package main

// Wrong: the nonce goes on by one after it has been found.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	h.Nonce = 0
	for {
		found := meetsTarget(h.work(), bits)
		h.Nonce++
		if found {
			break
		}
	}
	h.Hash = h.hash()
	return h.Nonce
}
