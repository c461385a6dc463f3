package main

import "fmt"

// Wrong: no rule forbids a block without transactions.
func checkBlock(b, parent *Block) error {
	if len(b.Transactions) == 0 {
		return fmt.Errorf("empty")
	}
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		return fmt.Errorf("root")
	}
	if hash := b.Header.hash(); b.Header.Hash != hash {
		return fmt.Errorf("hash")
	}
	height, parentHash := 0, ""
	if parent != nil {
		height, parentHash = parent.Header.Height+1, parent.Header.Hash
	}
	if b.Header.Height != height || b.Header.PrevBlockHash != parentHash {
		return fmt.Errorf("place")
	}
	return nil
}
