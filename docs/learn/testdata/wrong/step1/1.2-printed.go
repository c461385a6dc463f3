package main

import "fmt"

// Wrong: all fields as Go prints them.
func (h BlockHeader) hash() string {
	return sha256Hex(fmt.Sprint(h))
}
