package main

import "encoding/hex"

// Wrong: it signs the text, not the digest.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign([]byte(tx.signingText(i, w.address())))
	}
	tx.TxID = tx.id()
}
