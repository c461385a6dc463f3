package main

// Wrong: the time is no nonce: it should stay.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	h.Timestamp = "1231006565.0"
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
