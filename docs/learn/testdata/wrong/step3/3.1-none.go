package main

import (
	"fmt"
)

// Wrong: block 0 gets the nonce None.
func (h BlockHeader) json() string {
	return fmt.Sprintf(`{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`, h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, h.nonceText())
}
