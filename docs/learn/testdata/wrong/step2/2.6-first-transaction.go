package main

import "strings"

// Wrong: only the first transaction is forged.
func forge(chain []*Block, height int, from, to string) (forged []*Block, tries int) {
	forged = append(forged, chain[:height]...)
	for _, old := range chain[height:] {
		b := &Block{Header: old.Header, Transactions: append([]string(nil), old.Transactions...)}
		if b.Header.Height == height {
			b.Transactions[0] = strings.ReplaceAll(b.Transactions[0], from, to)
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
