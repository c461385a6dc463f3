package main

// Wrong: the work is computed once, so the loop never ends.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	work := h.work()
	for h.Nonce = 0; !meetsTarget(work, bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
