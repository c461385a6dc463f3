package main

import "strconv"

// Wrong: only the first 64 bits are looked at.
func meetsTarget(hash string, bits int) bool {
	first, err := strconv.ParseUint(hash[:16], 16, 64)
	return err == nil && first>>(64-min(bits, 64)) == 0
}
