package main

// Wrong: the one without a partner goes up as it is.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			if i+1 == len(hashes) {
				parents = append(parents, left)
			} else {
				parents = append(parents, sha256Hex(left+right))
			}
		}
		hashes = parents
	}
	return hashes[0]
}
