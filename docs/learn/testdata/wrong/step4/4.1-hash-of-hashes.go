package main

// It hashes each part by itself, and then the hashes.
func (tx *Transaction) id() string {
	text := ""
	for _, in := range tx.Vins {
		text += sha256Hex(in.dict())
	}
	for _, out := range tx.Vouts {
		text += sha256Hex(out.dict())
	}
	return sha256Hex(text)
}
