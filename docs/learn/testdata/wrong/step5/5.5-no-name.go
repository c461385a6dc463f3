package main

import "encoding/hex"

// Wrong: the name stays as it was.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
}
