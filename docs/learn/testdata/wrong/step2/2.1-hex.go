package main

import "fmt"

// Wrong: hexadecimal, not decimal.
func (h BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return fmt.Sprintf("%x", h.Nonce)
}
