package main

// Wrong: nonce 0 is never tried.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 1; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce
}
