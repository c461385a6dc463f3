package main

// Wrong: we're always taken to be on the left.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		return false
	}
	hash := leaf
	for _, partner := range proof {
		hash = sha256Hex(hash + partner)
		i /= 2
	}
	return hash == root && i >= 0
}
