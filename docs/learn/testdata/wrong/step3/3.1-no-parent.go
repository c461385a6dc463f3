package main

import (
	"fmt"
	"strconv"
)

// Wrong: the nonce is null where there is no parent, not at height 0.
func (h BlockHeader) json() string {
	nonce := strconv.Itoa(h.Nonce)
	if h.PrevBlockHash == "" {
		nonce = "null"
	}
	return fmt.Sprintf(`{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`,
		h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, nonce)
}
