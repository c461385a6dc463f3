package main

import "strings"

// Wrong: only the output with the same index.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
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
	if i < len(tx.Vouts) {
		text.WriteString(tx.Vouts[i].dict())
	}
	return text.String()
}
