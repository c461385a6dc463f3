package main

// Wrong: it compares as many digits as are printed.
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
	return len(root) >= 8 && len(hash) >= 8 && hash[:8] == root[:8] && i == 0
}
