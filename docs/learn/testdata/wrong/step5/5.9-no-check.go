package main

import (
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: it searches for what there is not.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	for range limit {
		key, err := secp256k1.GeneratePrivateKey()
		if err != nil {
			return Wallet{}, "", err
		}
		w := Wallet{key}
		if address := w.address(); strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
