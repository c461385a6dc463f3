package main

import (
	"encoding/json"
)

// Wrong: json.Marshal squeezes the transactions, and forgets the magic_no.
func (b *Block) json() string {
	text, _ := json.Marshal(b)
	return string(text)
}
