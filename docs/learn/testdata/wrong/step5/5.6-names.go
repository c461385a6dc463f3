package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: it compares names: a coin may be for nobody's address.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if nameOf(addressOfKey(key)) != nameOf(c.PubKeyHash) {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
