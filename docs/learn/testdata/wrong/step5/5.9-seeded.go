package main

import (
	"math/rand"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: math/rand with a fixed seed.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
	rng := rand.New(rand.NewSource(1))
	for range limit {
		b := make([]byte, 32)
		rng.Read(b)
		w := Wallet{secp256k1.PrivKeyFromBytes(b)}
		if address := w.address(); strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
