package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: hashed twice, as Bitcoin does.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	sum = sha256.Sum256(sum[:])
	return hex.EncodeToString(sum[:])
}
