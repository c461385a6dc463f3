package main

import "fmt"

// Wrong: the height isn't checked.
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); b.Header.HashMerkleRoot != root {
		return fmt.Errorf("block %d: wrong root", b.Header.Height)
	}
	if hash := b.Header.hash(); b.Header.Hash != hash {
		return fmt.Errorf("block %d: wrong hash", b.Header.Height)
	}

	height, parentHash := b.Header.Height, ""
	if parent != nil {
		parentHash = parent.Header.Hash
	}
	if b.Header.PrevBlockHash != parentHash {
		return fmt.Errorf("block %d: wrong parent", height)
	}
	return nil
}
