package main

// Wrong: the last of an odd level has no partner.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		partner := i ^ 1
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
