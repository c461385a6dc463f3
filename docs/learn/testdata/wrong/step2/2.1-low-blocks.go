package main

import "strconv"

// Wrong: block 1 has a nonce, too.
func (h BlockHeader) nonceText() string {
	if h.Height <= 1 {
		return "None"
	}
	return strconv.Itoa(h.Nonce)
}
