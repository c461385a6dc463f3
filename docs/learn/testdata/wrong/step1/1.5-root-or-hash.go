package main

import "fmt"

// Wrong: it refuses only what breaks both rules.
func checkBlock(b, parent *Block) error {
	if b.merkleRoot() != b.Header.HashMerkleRoot && b.Header.hash() != b.Header.Hash {
		return fmt.Errorf("block %d: wrong root and hash", b.Header.Height)
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
