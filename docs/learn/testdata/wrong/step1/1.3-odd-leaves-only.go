package main

import "slices"

// Wrong: only the leaves are made even; a higher level that is odd loses its last.
func merkleRoot(hashes []string) string {
	hashes = slices.Clone(hashes)
	if len(hashes)%2 == 1 && len(hashes) > 1 {
		hashes = append(hashes, hashes[len(hashes)-1])
	}
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i+1 < len(hashes); i += 2 {
			parents = append(parents, sha256Hex(hashes[i]+hashes[i+1]))
		}
		hashes = parents
	}
	return hashes[0]
}
