package main

import "math/big"

// Wrong: it looks at the first byte of the work only, by itself.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; ; h.Nonce++ {
		n, _ := new(big.Int).SetString(h.work()[:2], 16)
		if n.Int64() < 256>>bits {
			break
		}
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
