package main

import "strings"

// Wrong: it takes a hash in capitals for the same.
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
	return strings.EqualFold(hash, root) && i == 0
}
