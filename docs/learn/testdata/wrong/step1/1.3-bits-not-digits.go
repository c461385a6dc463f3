package main

import "encoding/hex"

// Wrong: the 32 bytes are joined, as in Bitcoin, not their digits.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			a, _ := hex.DecodeString(left)
			b, _ := hex.DecodeString(right)
			parents = append(parents, sha256Hex(string(a)+string(b)))
		}
		hashes = parents
	}
	return hashes[0]
}
