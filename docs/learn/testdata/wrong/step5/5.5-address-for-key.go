package main

// Wrong: the address in place of the key.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = w.address()
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
