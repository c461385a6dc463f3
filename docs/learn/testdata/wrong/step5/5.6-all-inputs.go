package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: every input has to be this owner's.
func (tx *Transaction) checkInput(i int, c Coin) error {
	for j, in := range tx.Vins {
		key, err := hex.DecodeString(in.PubKey)
		if err != nil {
			return err
		}
		if addressOfKey(key) != c.PubKeyHash || !verify(key, tx.digest(j, c.PubKeyHash), in.Signature) {
			return errors.New("not the owner's")
		}
	}
	return nil
}
