package main

import "fmt"

// Wrong: a block whose transactions were all taken out keeps its root.
func checkBlock(b, parent *Block) error {
	if len(b.Transactions) > 0 && b.Header.HashMerkleRoot != b.merkleRoot() {
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
	if height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return fmt.Errorf("work")
	}
	return nil
}
