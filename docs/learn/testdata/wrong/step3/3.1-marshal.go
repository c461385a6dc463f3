package main

import (
	"encoding/json"
)

// Wrong: json.Marshal puts no spaces, and 0 for null.
func (h BlockHeader) json() string {
	text, _ := json.Marshal(h)
	return string(text)
}
