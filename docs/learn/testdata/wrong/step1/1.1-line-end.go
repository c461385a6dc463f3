package main

import (
	"crypto/sha256"
	"fmt"
)

// Wrong: what echo gives to sha256sum, with a line's end that isn't in the text.
func sha256Hex(text string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text+"\n")))
}
