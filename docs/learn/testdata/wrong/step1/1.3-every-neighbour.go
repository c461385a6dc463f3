package main

// Wrong: each is paired with the next, so most are hashed twice.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i++ {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			parents = append(parents, sha256Hex(left+right))
		}
		hashes = parents
	}
	return hashes[0]
}
