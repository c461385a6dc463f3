package main

import "slices"

// Wrong: the leaves are hashed once more.
func merkleRoot(hashes []string) string {
	hashes = slices.Clone(hashes)
	for i, hash := range hashes {
		hashes[i] = sha256Hex(hash)
	}
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			parents = append(parents, sha256Hex(left+right))
		}
		hashes = parents
	}
	return hashes[0]
}
