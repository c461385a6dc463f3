package main

import "encoding/hex"

// Wrong: the address is the receiver's.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, tx.Vouts[0].PubKeyHash))
	}
	tx.TxID = tx.id()
}
