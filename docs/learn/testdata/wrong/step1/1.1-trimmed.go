package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Wrong: spaces around a text are a part of it.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return hex.EncodeToString(sum[:])
}
