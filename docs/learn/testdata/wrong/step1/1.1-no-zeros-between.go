package main

import (
	"crypto/sha256"
	"fmt"
)

// Wrong: byte 5 should be 05.
func sha256Hex(text string) (hash string) {
	for _, b := range sha256.Sum256([]byte(text)) {
		hash += fmt.Sprintf("%x", b)
	}
	return hash
}
