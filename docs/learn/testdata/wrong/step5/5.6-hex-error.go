package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: what the decoder has read before its error is taken for the key.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, _ := hex.DecodeString(in.PubKey)
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
