package main

import "strings"

// Wrong: the blocks are the caller's own.
func forge(chain []*Block, height int, from, to string) (forged []*Block, tries int) {
	forged = append(forged, chain[:height]...)
	for _, old := range chain[height:] {
		b := old
		if b.Header.Height == height {
			for i, tx := range b.Transactions {
				b.Transactions[i] = strings.ReplaceAll(tx, from, to)
			}
			b.Header.HashMerkleRoot = b.merkleRoot()
		}

		if b.Header.Height == 0 {
			b.Header.Hash = b.Header.hash()
		} else {
			b.Header.PrevBlockHash = forged[len(forged)-1].Header.Hash
			tries += mine(b, workBits)
		}
		forged = append(forged, b)
	}
	return forged, tries
}
