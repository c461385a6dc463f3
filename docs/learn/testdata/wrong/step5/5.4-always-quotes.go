package main

import "strings"

// Wrong: all signatures are two quotes, as in id.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		pubKey := "None"
		if j == i {
			pubKey = "'" + address + "'"
		}
		text.WriteString(in.dict("''", pubKey))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
