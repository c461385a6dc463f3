package main

import "strconv"

// Wrong: a nonce of 0 is taken for no nonce, though mining begins with it.
func (h BlockHeader) nonceText() string {
	if h.Nonce == 0 {
		return "None"
	}
	return strconv.Itoa(h.Nonce)
}
