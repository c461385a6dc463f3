package main

import (
	"crypto/sha256"
	"encoding/hex"
)

// Wrong: it signs the txid.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
	}
	tx.TxID = tx.id()
	sum := sha256.Sum256([]byte(tx.TxID))
	for i := range tx.Vins {
		tx.Vins[i].Signature = w.sign(sum[:])
	}
}
