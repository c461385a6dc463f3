package main

// Wrong: it refuses a hash that's paired with itself, as the last of an odd level is.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		return false
	}
	hash := leaf
	for _, partner := range proof {
		if partner == hash {
			return false
		}
		if i%2 == 0 {
			hash = sha256Hex(hash + partner)
		} else {
			hash = sha256Hex(partner + hash)
		}
		i /= 2
	}
	return hash == root && i == 0
}
