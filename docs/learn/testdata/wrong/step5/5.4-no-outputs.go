package main

import "strings"

// Wrong: the outputs are not signed: anybody may change them.
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
	return text.String()
}
