package main

import "strings"

// Wrong: outputs before inputs.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	for j, in := range tx.Vins {
		signature, pubKey := "None", "None"
		if j > i {
			signature = "''"
		}
		if j == i {
			pubKey = "'" + address + "'"
		}
		text.WriteString(in.dict(signature, pubKey))
	}
	return text.String()
}
