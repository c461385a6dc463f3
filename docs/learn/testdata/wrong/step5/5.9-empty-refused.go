package main

import (
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: every address begins with an empty text.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix == "" || prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
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
