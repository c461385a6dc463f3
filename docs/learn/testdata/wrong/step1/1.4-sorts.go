package main

import "slices"

// Wrong: it puts the caller's list in order.
func newBlock(parent *Block, transactions []string) *Block {
	slices.Sort(transactions)
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
