package main

// It believes what the transaction says of itself.
func (tx *Transaction) id() string {
	if tx.TxID != "" {
		return tx.TxID
	}
	text := ""
	for _, in := range tx.Vins {
		text += in.dict()
	}
	for _, out := range tx.Vouts {
		text += out.dict()
	}
	return sha256Hex(text)
}
