package main

import (
	"crypto/sha512"
	"encoding/hex"
)

// Wrong: another function whose hashes have 256 bits.
func sha256Hex(text string) string {
	sum := sha512.Sum512_256([]byte(text))
	return hex.EncodeToString(sum[:])
}
