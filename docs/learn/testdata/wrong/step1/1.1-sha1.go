package main

import (
	"crypto/sha1"
	"encoding/hex"
)

// Wrong: SHA-1.
func sha256Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
