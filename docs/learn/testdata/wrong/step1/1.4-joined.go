package main

import "strings"

// Wrong: the hash of all transactions in a row, not their Merkle root.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = sha256Hex(strings.Join(transactions, ""))
	b.Header.Hash = b.Header.hash()
	return b
}
