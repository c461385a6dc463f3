package main

// Wrong: only the last byte is kept.
func heightKey(height int) []byte {
	return []byte{0, 0, 0, 0, 0, 0, 0, byte(height)}
}
