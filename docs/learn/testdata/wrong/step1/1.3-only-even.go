package main

// Wrong: it knows nothing of a level that can't be paired.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			parents = append(parents, sha256Hex(hashes[i]+hashes[i+1]))
		}
		hashes = parents
	}
	return hashes[0]
}
