package main

import "strconv"

// Wrong: block 0 has no nonce at all, not 0.
func (h BlockHeader) nonceText() string {
	return strconv.Itoa(h.Nonce)
}
