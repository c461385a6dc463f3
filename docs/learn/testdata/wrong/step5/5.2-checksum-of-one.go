package main

import (
	"crypto/sha256"

	"github.com/btcsuite/btcutil/base58"
)

// Wrong: the checksum is of a single SHA-256.
func addressOfKey(pubKey []byte) string {
	b := append([]byte{0}, hash160(pubKey)...)
	sum := sha256.Sum256(b)
	return base58.Encode(append(b, sum[:4]...))
}
