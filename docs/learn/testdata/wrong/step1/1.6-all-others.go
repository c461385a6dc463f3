package main

// Wrong: all other leaves: that proves it, but not with a few hashes.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for j, leaf := range leaves {
		if j != i {
			proof = append(proof, leaf)
		}
	}
	return proof
}
