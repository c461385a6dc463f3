package main

// Wrong: a chain, not a tree: each is hashed with what came before.
func merkleRoot(hashes []string) string {
	root := hashes[0]
	for _, hash := range hashes[1:] {
		root = sha256Hex(root + hash)
	}
	return root
}
