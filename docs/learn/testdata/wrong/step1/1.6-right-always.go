package main

// Wrong: the partner is always taken to be on the right.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		partner := min(i+1, len(leaves)-1)
		proof = append(proof, leaves[partner])

		var parents []string
		for j := 0; j < len(leaves); j += 2 {
			right := min(j+1, len(leaves)-1)
			parents = append(parents, sha256Hex(leaves[j]+leaves[right]))
		}
		leaves, i = parents, i/2
	}
	return proof
}
