package main

import (
	"crypto/sha256"
	"math/big"
)

// Wrong: a number is written without the zeros in front.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return new(big.Int).SetBytes(sum[:]).Text(16)
}
