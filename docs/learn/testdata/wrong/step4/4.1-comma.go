package main

import "strings"

// Something stands in between: a list is joined with a comma.
func (tx *Transaction) id() string {
	var dicts []string
	for _, in := range tx.Vins {
		dicts = append(dicts, in.dict())
	}
	for _, out := range tx.Vouts {
		dicts = append(dicts, out.dict())
	}
	return sha256Hex(strings.Join(dicts, ", "))
}
