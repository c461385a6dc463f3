package main

import "strings"

// Wrong: the address is in all inputs.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		signature := "None"
		if j > i {
			signature = "''"
		}
		text.WriteString(in.dict(signature, "'"+address+"'"))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
