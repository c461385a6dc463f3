package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: it always looks at input 0.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[0]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(0, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
