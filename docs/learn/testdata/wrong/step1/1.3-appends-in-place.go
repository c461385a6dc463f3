package main

// Wrong: append writes behind the end of the caller's list where there's room.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		if len(hashes)%2 == 1 {
			hashes = append(hashes, hashes[len(hashes)-1])
		}
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			parents = append(parents, sha256Hex(hashes[i]+hashes[i+1]))
		}
		hashes = parents
	}
	return hashes[0]
}
