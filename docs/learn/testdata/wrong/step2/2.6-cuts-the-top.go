package main

import "strings"

// Wrong: the blocks above are thrown away.
func forge(chain []*Block, height int, from, to string) (forged []*Block, tries int) {
	forged = append(forged, chain[:height]...)
	for _, old := range chain[height : height+1] {
		b := &Block{Header: old.Header, Transactions: append([]string(nil), old.Transactions...)}
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
