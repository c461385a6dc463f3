package main

// The name is right, but asking for it changes the transaction.
func (tx *Transaction) id() string {
	text := ""
	for _, in := range tx.Vins {
		text += in.dict()
	}
	for _, out := range tx.Vouts {
		text += out.dict()
	}
	tx.TxID = sha256Hex(text)
	return tx.TxID
}
