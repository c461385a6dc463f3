package main

import (
	"crypto/sha256"

	"github.com/btcsuite/btcutil/base58"
)

// Wrong: the checksum is of the hash, without the version.
func addressOfKey(pubKey []byte) string {
	h := hash160(pubKey)
	first := sha256.Sum256(h)
	second := sha256.Sum256(first[:])
	return base58.Encode(append(append([]byte{0}, h...), second[:4]...))
}
