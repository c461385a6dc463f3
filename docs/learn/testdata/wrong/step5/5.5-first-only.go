package main

import "encoding/hex"

// Wrong: only the first input is signed.
func (tx *Transaction) sign(w Wallet) {
	if len(tx.Vins) > 0 {
		tx.Vins[0].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[0].Signature = w.sign(tx.digest(0, w.address()))
	}
	tx.TxID = tx.id()
}
