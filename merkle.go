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
		level = foldLevel(level)
	}
	return level[0]
}

// foldLevel returns the hashes of the pairs of a level, in the level's memory.
func foldLevel(level []string) []string {
	if len(level)%2 == 1 {
		level = append(level, level[len(level)-1])
	}

	for i := 0; i < len(level); i += 2 {
		level[i/2] = sha256Hex([]byte(level[i] + level[i+1]))
	}
	return level[:len(level)/2]
}

// merkleLevels returns the levels of the tree, from the leaves to the root.
func merkleLevels(leaves []string) [][]string {
	levels := [][]string{leaves}
	for len(leaves) > 1 {
		leaves = foldLevel(slices.Clone(leaves))
		levels = append(levels, leaves)
	}
	return levels
}

// merkleRoot returns the root over the hash of each transaction's JSON.
func (b *Block) merkleRoot() string { return MerkleRoot(b.merkleLeaves()) }

func (b *Block) merkleLeaves() (leaves []string) {
	var text []byte // reused
	for _, tx := range b.Transactions {
		text = tx.AppendJSON(text[:0])
		leaves = append(leaves, sha256Hex(text))
	}
	return leaves
}
