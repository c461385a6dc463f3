package main

import "errors"

// Wrong: the errors are made, and lost.
func checkBlock(b, parent *Block) error {
	var err error
	if b.Header.HashMerkleRoot != b.merkleRoot() {
		err = errors.New("wrong root")
	}
	if b.Header.Hash != b.Header.hash() {
		err := errors.New("wrong hash")
		_ = err
	}
	if parent == nil && (b.Header.Height != 0 || b.Header.PrevBlockHash != "") {
		err = errors.New("wrong block 0")
	}
	if parent != nil && (b.Header.Height != parent.Header.Height+1 || b.Header.PrevBlockHash != parent.Header.Hash) {
		err = errors.New("wrong parent")
	}
	return err
}
