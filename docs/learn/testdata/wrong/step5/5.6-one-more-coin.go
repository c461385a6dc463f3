package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: it looks into the coin's index for the input.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[c.Vout]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
