//go:build challenge

package main

import "slices"

// merkleProof returns the hashes that lead from leaf i up to the Merkle root: on
// each level of the tree, from the lowest, the one that ours is paired with, which
// is our own if it has nobody to pair with. i is from 0 to len(leaves)-1, and the
// caller's list stays as it is.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		partner := min(i^1, len(leaves)-1) // itself, if it has none
		proof = append(proof, leaves[partner])

		var parents []string
		for j := 0; j < len(leaves); j += 2 {
			right := min(j+1, len(leaves)-1)
			parents = append(parents, sha256Hex(leaves[j]+leaves[right]))
		}
		leaves, i = parents, i/2
	}
	return proof
}

// merkleProves reports whether a proof, as merkleProof makes it, leads from a leaf
// at place i to the Merkle root. All that it's given may come from a liar. i counts
// from 0, and may be any number: a place that a tree with as many levels doesn't
// have proves nothing.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		return false
	}
	hash := leaf
	for _, partner := range proof {
		if i%2 == 0 {
			hash = sha256Hex(hash + partner)
		} else {
			hash = sha256Hex(partner + hash)
		}
		i /= 2
	}
	return hash == root && i == 0
}

// twin returns a longer list of leaves with the same Merkle root: the same leaves,
// and then some from their end once more. It's nil if there's no such list, since
// each level of the tree can be paired. There is at least one leaf, and the
// caller's list stays as it is.
func twin(leaves []string) []string {
	length, under := len(leaves), 1 // of a level, and how many leaves are under its last hash
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	if length == 1 {
		return nil
	}
	return slices.Concat(leaves, leaves[len(leaves)-under:])
}
