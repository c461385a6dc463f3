package main

// Wrong: append writes behind the end of the caller's list where there's room.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		if len(leaves)%2 == 1 {
			leaves = append(leaves, leaves[len(leaves)-1])
		}
		proof = append(proof, leaves[i^1])
		var parents []string
		for j := 0; j < len(leaves); j += 2 {
			parents = append(parents, sha256Hex(leaves[j]+leaves[j+1]))
		}
		leaves, i = parents, i/2
	}
	return proof
}
