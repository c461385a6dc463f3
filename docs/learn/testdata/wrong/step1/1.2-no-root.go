package main

import "strconv"

// Wrong: the transactions aren't hashed.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + strconv.Itoa(h.Height) + "None")
}
