package main

// Wrong: h is a copy of the header: the block never hears of the nonce.
func mine(b *Block, bits int) (tries int) {
	h := b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
