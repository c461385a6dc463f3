package main

import (
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: 1, 2, 3: anybody can count.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
	for i := range limit {
		var k secp256k1.ModNScalar
		k.SetInt(uint32(i + 1))
		w := Wallet{secp256k1.NewPrivateKey(&k)}
		if address := w.address(); strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
