package main

import "fmt"

// Wrong: the parent's rules only for blocks above 1.
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); b.Header.HashMerkleRoot != root {
		return fmt.Errorf("block %d: wrong root", b.Header.Height)
	}
	if hash := b.Header.hash(); b.Header.Hash != hash {
		return fmt.Errorf("block %d: wrong hash", b.Header.Height)
	}

	height, parentHash := 0, ""
	if parent != nil && b.Header.Height > 1 {
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
