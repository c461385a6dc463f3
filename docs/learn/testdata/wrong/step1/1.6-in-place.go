package main

// Wrong: the levels are written into the caller's list.
func merkleProof(leaves []string, i int) []string {
	var proof []string
	for len(leaves) > 1 {
		proof = append(proof, leaves[min(i^1, len(leaves)-1)])
		n := 0
		for j := 0; j < len(leaves); j += 2 {
			leaves[n] = sha256Hex(leaves[j] + leaves[min(j+1, len(leaves)-1)])
			n++
		}
		leaves, i = leaves[:n], i/2
	}
	return proof
}
