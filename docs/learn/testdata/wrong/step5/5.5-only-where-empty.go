package main

import "encoding/hex"

// Wrong: a signature that is there stays.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		if tx.Vins[i].Signature != "" {
			continue
		}
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}
