package main

import "math/rand"

// Wrong: a nonce that fits, but not the lowest.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	random := rand.New(rand.NewSource(1))
	for tries = 1; ; tries++ {
		h.Nonce = random.Intn(1 << 20)
		if meetsTarget(h.work(), bits) {
			break
		}
	}
	h.Hash = h.hash()
	return tries
}
