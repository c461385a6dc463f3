package main

// Wrong: the new nonce makes another hash, which the header should have.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	return h.Nonce + 1
}
