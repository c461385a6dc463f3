package main

import "strings"

// Wrong: the public keys stay as they are.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		signature := "None"
		if j > i {
			signature = "''"
		}
		text.WriteString(in.dict(signature, "'"+in.PubKey+"'"))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}
