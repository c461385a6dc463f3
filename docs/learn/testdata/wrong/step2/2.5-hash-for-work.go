package main

import "errors"

// Wrong: it looks for the zeros in the hash, not in the work.
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

	if b.Header.Height > 0 && !meetsTarget(b.Header.hash(), workBits) {
		return errors.New("no work")
	}
	return nil
}
