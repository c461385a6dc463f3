package main

// Wrong: nonce 0 is a try as well.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce
}
