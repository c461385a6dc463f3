package main

import (
	"fmt"
	"strconv"
)

// Wrong: the time is the parent's and a minute, not timeOf its height.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	b.Header.Timestamp = timeOf(0)
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
		seconds, _ := strconv.ParseFloat(parent.Header.Timestamp, 64)
		b.Header.Timestamp = fmt.Sprintf("%.1f", seconds+60)
	}
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
