package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: only the second question: somebody has signed this.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if !verify(key, tx.digest(i, addressOfKey(key)), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
