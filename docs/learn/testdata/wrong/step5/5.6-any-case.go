package main

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Wrong: large and small letters are the same to it.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if !strings.EqualFold(addressOfKey(key), c.PubKeyHash) {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
