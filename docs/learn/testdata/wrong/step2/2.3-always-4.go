package main

// Wrong: bits is ignored.
func meetsTarget(hash string, bits int) bool {
	return hash[0] == '0'
}
