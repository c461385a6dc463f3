package main

import "errors"

// Wrong: the height is not compared: "block 0" needs no work, so whoever lies about it needs none.
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
	}
	if b.Header.PrevBlockHash != parentHash {
		return errors.New("wrong parent")
	}

	if b.Header.Height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return errors.New("no work")
	}
	return nil
}
