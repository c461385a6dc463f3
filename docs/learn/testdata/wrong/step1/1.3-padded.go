package main

import "slices"

// Wrong: filled up with empty texts to a power of two.
func merkleRoot(hashes []string) string {
	hashes = slices.Clone(hashes)
	for len(hashes)&(len(hashes)-1) != 0 {
		hashes = append(hashes, "")
	}
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			parents = append(parents, sha256Hex(hashes[i]+hashes[i+1]))
		}
		hashes = parents
	}
	return hashes[0]
}
