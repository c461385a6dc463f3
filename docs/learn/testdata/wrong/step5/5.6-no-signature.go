package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: only the first question: anybody can show a key.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	return nil
}
