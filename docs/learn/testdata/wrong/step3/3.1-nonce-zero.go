package main

import (
	"fmt"
	"strconv"
)

// Wrong: block 0 gets the nonce 0.
func (h BlockHeader) json() string {
	return fmt.Sprintf(`{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`, h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, strconv.Itoa(h.Nonce))
}
