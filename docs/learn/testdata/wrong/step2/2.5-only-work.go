package main

import "errors"

// Wrong: the new rule, without the old ones.
func checkBlock(b, parent *Block) error {
	if parent != nil && !meetsTarget(b.Header.work(), workBits) {
		return errors.New("no work")
	}
	return nil
}
