package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: it hashes the text's hex digits, not its bytes.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(hex.EncodeToString([]byte(text))))
	return hex.EncodeToString(sum[:])
}
