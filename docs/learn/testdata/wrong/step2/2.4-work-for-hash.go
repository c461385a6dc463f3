package main

// Wrong: the header is called by its hash, not by its work.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.work()
	return h.Nonce + 1
}
