package main

import "strings"

// Wrong: block 0 has "" there, not 64 zeros, which Bitcoin has.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	} else {
		b.Header.PrevBlockHash = strings.Repeat("0", 64)
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
