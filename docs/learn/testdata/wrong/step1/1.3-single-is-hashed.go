package main

// Wrong: a single hash is paired with itself, too.
func merkleRoot(hashes []string) string {
	for {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			parents = append(parents, sha256Hex(hashes[i]+hashes[min(i+1, len(hashes)-1)]))
		}
		hashes = parents
		if len(hashes) == 1 {
			return hashes[0]
		}
	}
}
