package main

import "crypto/sha256"

// Wrong: 32 bytes, not their digits.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return string(sum[:])
}
