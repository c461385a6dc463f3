package main

// Only the first input is in the name.
func (tx *Transaction) id() string {
	text := tx.Vins[0].dict()
	for _, out := range tx.Vouts {
		text += out.dict()
	}
	return sha256Hex(text)
}
