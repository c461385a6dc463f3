package main

import (
	"fmt"
	"strconv"
)

// Wrong: whatever has the nonce 0 is taken for block 0.
func (h BlockHeader) json() string {
	nonce := strconv.Itoa(h.Nonce)
	if h.Nonce == 0 {
		nonce = "null"
	}
	return fmt.Sprintf(`{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`, h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, nonce)
}
