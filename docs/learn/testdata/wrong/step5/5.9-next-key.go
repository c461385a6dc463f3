package main

import (
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: the key has moved on when the address is returned.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
	next := func() (Wallet, error) {
		key, err := secp256k1.GeneratePrivateKey()
		return Wallet{key}, err
	}
	if w, err = next(); err != nil {
		return Wallet{}, "", err
	}
	for range limit {
		address := w.address()
		if w, err = next(); err != nil {
			return Wallet{}, "", err
		}
		if strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
