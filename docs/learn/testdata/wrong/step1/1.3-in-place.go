package main

// Wrong: the new level is written into the caller's list.
func merkleRoot(hashes []string) string {
	for len(hashes) > 1 {
		n := 0
		for i := 0; i < len(hashes); i += 2 {
			hashes[n] = sha256Hex(hashes[i] + hashes[min(i+1, len(hashes)-1)])
			n++
		}
		hashes = hashes[:n]
	}
	return hashes[0]
}
