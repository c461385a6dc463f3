package main

import "strings"

// Wrong: None in quotes.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		signature, pubKey := "'None'", "'None'"
		if j > i {
			signature = "''"
		}
		if j == i {
			pubKey = "'" + address + "'"
		}
		text.WriteString(in.dict(signature, pubKey))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
