package main

import "strings"

// Wrong: it asks for whole digits, so for more than it should.
func meetsTarget(hash string, bits int) bool {
	return strings.HasPrefix(hash, strings.Repeat("0", (bits+3)/4))
}
