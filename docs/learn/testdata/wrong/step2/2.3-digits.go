package main

import "strings"

// Wrong: four bits to the digit, and what is left over is forgotten.
func meetsTarget(hash string, bits int) bool {
	return strings.HasPrefix(hash, strings.Repeat("0", bits/4))
}
