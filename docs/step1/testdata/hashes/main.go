// Hashes is step 1 as far as chapter 1 has come when it's run for the first time.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// sha256Hex returns the SHA-256 of a text as 64 hex digits.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func main() {
	for _, text := range []string{"Alice has 1000 coins", "Alice has 2000 coins"} {
		fmt.Printf("%s  %s\n", text, sha256Hex(text))
	}
}
