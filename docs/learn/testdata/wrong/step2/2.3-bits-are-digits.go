package main

import "strings"

// Wrong: bits are not hex digits: a digit is four of them.
func meetsTarget(hash string, bits int) bool {
	return bits <= 64 && strings.HasPrefix(hash, strings.Repeat("0", bits))
}
