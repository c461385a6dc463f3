package main

import (
	"strconv"
)

// Wrong: a text: "10" sorts before "9".
func heightKey(height int) []byte {
	return []byte(strconv.Itoa(height))
}
