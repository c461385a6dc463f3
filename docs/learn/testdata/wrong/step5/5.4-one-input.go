package main

import "strings"

// Wrong: only input i.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		if j == i {
			text.WriteString(in.dict("None", "'"+address+"'"))
		}
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
