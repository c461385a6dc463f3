package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: one yes is enough.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash && !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not the owner's")
	}
	return nil
}
