package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: any input that is right will do.
func (tx *Transaction) checkInput(i int, c Coin) error {
	for j, in := range tx.Vins {
		key, err := hex.DecodeString(in.PubKey)
		if err == nil && addressOfKey(key) == c.PubKeyHash && verify(key, tx.digest(j, c.PubKeyHash), in.Signature) {
			return nil
		}
	}
	return errors.New("not the owner's")
}
