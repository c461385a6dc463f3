package main

import "crypto/sha256"

// Wrong: it takes 20 bytes of the SHA-256, and no RIPEMD-160.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:20]
}
