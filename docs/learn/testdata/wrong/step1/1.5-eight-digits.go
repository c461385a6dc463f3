package main

import "fmt"

// Wrong: it compares as many digits as are printed.
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); fmt.Sprintf("%.8s", b.Header.HashMerkleRoot) != root[:8] {
		return fmt.Errorf("block %d: wrong root", b.Header.Height)
	}
	if hash := b.Header.hash(); fmt.Sprintf("%.8s", b.Header.Hash) != hash[:8] {
		return fmt.Errorf("block %d: wrong hash", b.Header.Height)
	}

	height, parentHash := 0, ""
	if parent != nil {
		height, parentHash = parent.Header.Height+1, parent.Header.Hash
	}
	if b.Header.Height != height {
		return fmt.Errorf("block %d: wrong height", b.Header.Height)
	}
	if b.Header.PrevBlockHash != parentHash {
		return fmt.Errorf("block %d: wrong parent", height)
	}
	return nil
}
