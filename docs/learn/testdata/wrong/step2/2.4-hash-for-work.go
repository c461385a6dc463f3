package main

// Wrong: it makes the hash small, not the work.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.hash(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
