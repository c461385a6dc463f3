package main

import (
	"crypto/sha256"
	"encoding/base64"
)

// Wrong: base 64, not base 16.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
