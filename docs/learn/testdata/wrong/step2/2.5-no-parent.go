package main

import "errors"

// Wrong: the parent's hash is not compared.
func checkBlock(b, parent *Block) error {
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		return errors.New("wrong root")
	}
	if b.Header.Hash != b.Header.hash() {
		return errors.New("wrong hash")
	}

	height := 0
	if parent != nil {
		height = parent.Header.Height + 1
	}
	if b.Header.Height != height {
		return errors.New("wrong height")
	}

	if b.Header.Height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return errors.New("no work")
	}
	return nil
}
