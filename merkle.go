package main

import "slices"

// MerkleRoot folds leaves (hex hashes) pair by pair into one hash. An odd
// level repeats its last node, as Bitcoin's does; the root of a list is then
// also that of the list with its end repeated, which is why [Block.Check]
// refuses a transaction that stands twice. No leaves have the root "".
func MerkleRoot(leaves []string) string {
	if len(leaves) == 0 {
		return ""
	}

	level := slices.Clone(leaves)
	for len(level) > 1 {
		if len(level)%2 == 1 {
			level = append(level, level[len(level)-1])
		}

		for i := 0; i < len(level); i += 2 {
			level[i/2] = sha256Hex([]byte(level[i] + level[i+1]))
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// merkleRoot returns the root over the hash of each transaction's JSON.
func (b *Block) merkleRoot() string {
	var leaves []string
	var text []byte // reused
	for _, tx := range b.Transactions {
		text = tx.AppendJSON(text[:0])
		leaves = append(leaves, sha256Hex(text))
	}
	return MerkleRoot(leaves)
}
