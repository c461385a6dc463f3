package main

import "strings"

// Wrong: no signature is ever two quotes.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		pubKey := "None"
		if j == i {
			pubKey = "'" + address + "'"
		}
		text.WriteString(in.dict("None", pubKey))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
