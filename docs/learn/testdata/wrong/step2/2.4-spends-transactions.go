package main

import "fmt"

// Wrong: it changes a transaction instead of the nonce, so the block says something else.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	coinbase := b.Transactions[0]
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
		b.Transactions[0] = fmt.Sprint(coinbase, h.Nonce)
	}
	h.Hash = h.hash()
	return h.Nonce + 1
}
