package main

import "strings"

// Wrong: only the own signature is None.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		signature, pubKey := "''", "None"
		if j == i {
			signature, pubKey = "None", "'"+address+"'"
		}
		text.WriteString(in.dict(signature, pubKey))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
