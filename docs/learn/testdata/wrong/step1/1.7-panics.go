package main

// Wrong: it panics where the place is bad.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		panic("negative place")
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
