package main

// Wrong: in the tree above, the one without a partner goes up as it is.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		partner := min(i^1, len(leaves)-1)
		proof = append(proof, leaves[partner])

		var parents []string
		for j := 0; j < len(leaves); j += 2 {
			right := min(j+1, len(leaves)-1)
			if right == j {
				parents = append(parents, leaves[j])
			} else {
				parents = append(parents, sha256Hex(leaves[j]+leaves[right]))
			}
		}
		leaves, i = parents, i/2
	}
	return proof
}
