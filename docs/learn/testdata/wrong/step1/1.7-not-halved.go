package main

// Wrong: the place isn't halved on the way up.
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
	}
	return hash == root
}
