package main

import "encoding/hex"

// Wrong: in is a copy.
func (tx *Transaction) sign(w Wallet) {
	for i, in := range tx.Vins {
		in.PubKey = hex.EncodeToString(w.pubKey())
		in.Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
