package main

import "encoding/hex"

// Wrong: the name is made before the keys are in.
func (tx *Transaction) sign(w Wallet) {
	tx.TxID = tx.id()
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
}
