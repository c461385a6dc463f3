package main

// It knows payments with two outputs at most: one, and the change.
func (tx *Transaction) id() string {
	text := ""
	for _, in := range tx.Vins {
		text += in.dict()
	}
	for i, out := range tx.Vouts {
		if i < 2 {
			text += out.dict()
		}
	}
	return sha256Hex(text)
}
