package main

// Wrong: it begins where the last search has ended, not at 0.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for tries = 1; !meetsTarget(h.work(), bits); tries++ {
		h.Nonce++
	}
	h.Hash = h.hash()
	return tries
}
