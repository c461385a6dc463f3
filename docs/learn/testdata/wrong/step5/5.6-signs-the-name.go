package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Wrong: it checks a signature of the txid.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	sum := sha256.Sum256([]byte(tx.TxID))
	if !verify(key, sum[:], in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
