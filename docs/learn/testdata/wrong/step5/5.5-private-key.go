package main

import "encoding/hex"

// Wrong: it publishes the private key!
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.key.Serialize())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
