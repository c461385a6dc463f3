package main

// Wrong: it stops where the place is 0, and believes the rest.
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
		if hash == root {
			return i == 0
		}
	}
	return hash == root && i == 0
}
