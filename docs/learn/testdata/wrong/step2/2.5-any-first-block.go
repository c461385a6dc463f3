package main

import "errors"

// Wrong: any block will do as the first of a chain, whatever its height.
func checkBlock(b, parent *Block) error {
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		return errors.New("wrong root")
	}
	if b.Header.Hash != b.Header.hash() {
		return errors.New("wrong hash")
	}

	parentHash := ""
	if parent != nil {
		parentHash = parent.Header.Hash
		if b.Header.Height != parent.Header.Height+1 {
			return errors.New("wrong height")
		}
	}
	if b.Header.PrevBlockHash != parentHash {
		return errors.New("wrong parent")
	}
	if b.Header.Height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return errors.New("no work")
	}
	return nil
}
