package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: Sum appends to its argument, and hashes what was written before: nothing.
func sha256Hex(text string) string {
	return hex.EncodeToString(sha256.New().Sum([]byte(text)))
}
