package main

import "fmt"

// Wrong: it sets the hash, then finds it right.
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); b.Header.HashMerkleRoot != root {
		return fmt.Errorf("block %d: wrong root", b.Header.Height)
	}
	b.Header.Hash = b.Header.hash()

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
