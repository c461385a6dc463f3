package main

import (
	"encoding/hex"
	"errors"
)

// Wrong: it makes the signature that it should check.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if addressOfKey(key) != c.PubKeyHash {
		return errors.New("not the owner's key")
	}
	for _, name := range people {
		if w := walletOf(name); w.address() == c.PubKeyHash {
			tx.sign(w)
		}
	}
	in = tx.Vins[i]
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
