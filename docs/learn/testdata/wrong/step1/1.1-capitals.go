package main

import (
	"crypto/sha256"
	"fmt"
)

// Wrong: capital letters.
func sha256Hex(text string) string { return fmt.Sprintf("%X", sha256.Sum256([]byte(text))) }
