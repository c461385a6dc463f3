package main

import "strconv"

// Wrong: "none" in lower case is another text, with another hash.
func (h BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "none"
	}
	return strconv.Itoa(h.Nonce)
}
