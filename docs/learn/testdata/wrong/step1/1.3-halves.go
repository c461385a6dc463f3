package main

// Wrong: it cuts the list in the middle, so five leaves become two and three.
func merkleRoot(hashes []string) string {
	if len(hashes) == 1 {
		return hashes[0]
	}
	middle := len(hashes) / 2
	return sha256Hex(merkleRoot(hashes[:middle]) + merkleRoot(hashes[middle:]))
}
