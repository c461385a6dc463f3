package main

import (
	"math/rand"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: keys of 64 bits are not hard to guess.
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}
	for range limit {
		b := make([]byte, 32)
		for i := 24; i < 32; i++ {
			b[i] = byte(rand.Intn(256))
		}
		w := Wallet{secp256k1.PrivKeyFromBytes(b)}
		if address := w.address(); strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
