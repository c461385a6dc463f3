package main

import "encoding/hex"

// Wrong: it makes all outputs the signer's.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
	}
	for i := range tx.Vouts {
		tx.Vouts[i].PubKeyHash = w.address()
	}
	for i := range tx.Vins {
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
