package main

import "fmt"

// Wrong: the parent isn't checked.
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); b.Header.HashMerkleRoot != root {
		return fmt.Errorf("block %d: wrong root", b.Header.Height)
	}
	if hash := b.Header.hash(); b.Header.Hash != hash {
		return fmt.Errorf("block %d: wrong hash", b.Header.Height)
	}

	height := 0
	if parent != nil {
		height = parent.Header.Height + 1
	}
	if b.Header.Height != height {
		return fmt.Errorf("block %d: wrong height", b.Header.Height)
	}
	return nil
}
