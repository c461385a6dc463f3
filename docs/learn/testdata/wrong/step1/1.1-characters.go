package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: a character isn't a byte.
func sha256Hex(text string) string {
	var bytes []byte
	for _, r := range text {
		bytes = append(bytes, byte(r))
	}
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:])
}
