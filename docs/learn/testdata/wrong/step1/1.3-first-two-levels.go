package main

// Wrong: right up to four leaves.
func merkleRoot(hashes []string) string {
	hash := func(i int) string { return hashes[min(i, len(hashes)-1)] }
	switch len(hashes) {
	case 1:
		return hashes[0]
	case 2:
		return sha256Hex(hashes[0] + hashes[1])
	default:
		return sha256Hex(sha256Hex(hash(0)+hash(1)) + sha256Hex(hash(2)+hash(3)))
	}
}
