package main

// The outputs come before the inputs.
func (tx *Transaction) id() string {
	text := ""
	for _, out := range tx.Vouts {
		text += out.dict()
	}
	for _, in := range tx.Vins {
		text += in.dict()
	}
	return sha256Hex(text)
}
