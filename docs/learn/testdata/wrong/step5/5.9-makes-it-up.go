package main

import (
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: it writes the prefix over an address.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
	for range limit {
		key, err := secp256k1.GeneratePrivateKey()
		if err != nil {
			return Wallet{}, "", err
		}
		w := Wallet{key}
		return w, prefix + w.address()[len(prefix):], nil
	}
	return Wallet{}, "", errGivenUp
}
