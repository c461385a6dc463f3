package main

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// Wrong: only the first 8 characters of the addresses.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return err
	}
	if fmt.Sprintf("%.8s", addressOfKey(key)) != fmt.Sprintf("%.8s", c.PubKeyHash) {
		return errors.New("not the owner's key")
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return errors.New("not signed")
	}
	return nil
}
