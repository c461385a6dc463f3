package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: a signature must be there, whatever it is.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	if len(in.Signature) != 128 {
		return errors.New("not signed")
	}
	return nil
}
