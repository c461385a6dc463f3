package main

import "errors"

// Wrong: the block may call itself whatever it likes.
func checkBlock(b, parent *Block) error {
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		return errors.New("wrong root")
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

	if b.Header.Height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return errors.New("no work")
	}
	return nil
}
