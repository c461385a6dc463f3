package main

// Wrong: the key's bytes, not in hex.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = string(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
