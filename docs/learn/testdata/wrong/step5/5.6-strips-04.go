package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: it accepts a key with 04 in front.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if len(key) == 65 && key[0] == 4 {
		key = key[1:]
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
