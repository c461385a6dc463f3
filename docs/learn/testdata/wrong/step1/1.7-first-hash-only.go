package main

// Wrong: only the first hash of the proof is used, and the rest is believed.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if i < 0 {
		return false
	}
	hash := leaf
	for n, partner := range proof {
		if n > 0 {
			break
		}
		if i%2 == 0 {
			hash = sha256Hex(hash + partner)
		} else {
			hash = sha256Hex(partner + hash)
		}
		i /= 2
	}
	return (hash == root || len(proof) > 1)
}
