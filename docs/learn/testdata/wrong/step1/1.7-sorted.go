package main

// Wrong: it puts the smaller one first, whatever the place.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		return false
	}
	hash := leaf
	for _, partner := range proof {
		hash = sha256Hex(min(hash, partner) + max(hash, partner))
		i /= 2
	}
	return hash == root && i == 0
}
