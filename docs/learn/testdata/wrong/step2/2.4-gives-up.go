package main

// Wrong: it gives up after 1000 tries.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; h.Nonce < 1000 && !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
