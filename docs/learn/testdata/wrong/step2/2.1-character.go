package main

// Wrong: string(rune(7)) is the seventh character, not the text "7".
func (h BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return string(rune(h.Nonce))
}
