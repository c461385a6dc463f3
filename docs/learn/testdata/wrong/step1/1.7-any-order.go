package main

// Wrong: the place is ignored: it tries both orders on each level, until one leads to the root.
func merkleProves(root, leaf string, i int, proof []string) bool {
	if len(proof) == 0 {
		return leaf == root
	}
	return merkleProves(root, sha256Hex(leaf+proof[0]), 0, proof[1:]) || merkleProves(root, sha256Hex(proof[0]+leaf), 0, proof[1:])
}
