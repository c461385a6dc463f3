package main

// Wrong: a negative place is taken bit by bit.
func merkleProves(root, leaf string, i int, proof []string) bool {
	hash := leaf
	for _, partner := range proof {
		if i&1 == 0 {
			hash = sha256Hex(hash + partner)
		} else {
			hash = sha256Hex(partner + hash)
		}
		i >>= 1
	}
	return hash == root
}
