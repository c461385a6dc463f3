package main

// Wrong: it wants a proof even for a single leaf, which is the root.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 || len(proof) == 0 {
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
