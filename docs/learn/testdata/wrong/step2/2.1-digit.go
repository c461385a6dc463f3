package main

// Wrong: right only as long as the nonce has one digit.
func (h BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return string(rune('0' + h.Nonce))
}
