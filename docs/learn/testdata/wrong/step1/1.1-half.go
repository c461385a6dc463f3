package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: only half of the hash.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
