package main

// Wrong: the smaller hash of a pair comes first, so the order of the list doesn't count.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			parents = append(parents, sha256Hex(min(left, right)+max(left, right)))
		}
		hashes = parents
	}
	return hashes[0]
}
