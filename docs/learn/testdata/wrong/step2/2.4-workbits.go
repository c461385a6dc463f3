package main

// Wrong: bits is ignored.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), workBits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
