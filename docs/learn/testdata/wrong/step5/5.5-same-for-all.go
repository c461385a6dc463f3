package main

import "encoding/hex"

// Wrong: one signature for all inputs.
func (tx *Transaction) sign(w Wallet) {
	signature := w.sign(tx.digest(0, w.address()))
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = signature
	}
	tx.TxID = tx.id()
}
