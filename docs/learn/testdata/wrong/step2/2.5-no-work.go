package main

import "errors"

// Wrong: chapter 1's rules, and no work.
func checkBlock(b, parent *Block) error {
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		return errors.New("wrong root")
	}
	if b.Header.Hash != b.Header.hash() {
		return errors.New("wrong hash")
	}

	height, parentHash := 0, ""
	if parent != nil {
		height, parentHash = parent.Header.Height+1, parent.Header.Hash
	}
	if b.Header.Height != height {
		return errors.New("wrong height")
	}
	if b.Header.PrevBlockHash != parentHash {
		return errors.New("wrong parent")
	}
	return nil
}
