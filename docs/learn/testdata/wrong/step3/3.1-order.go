package main

import (
	"fmt"
	"strconv"
)

// Wrong: the hash comes before the parent.
func (h BlockHeader) json() string {
	nonce := strconv.Itoa(h.Nonce)
	if h.Height == 0 {
		nonce = "null"
	}
	return fmt.Sprintf(`{"timestamp": "%s", "hash": "%s", "prev_block_hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`,
		h.Timestamp, h.Hash, h.PrevBlockHash, h.HashMerkleRoot, h.Height, nonce)
}
