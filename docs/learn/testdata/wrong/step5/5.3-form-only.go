package main

import (
	"encoding/hex"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Wrong: a key and a signature, but whose?
func verify(pubKey, digest []byte, signature string) bool {
	_, err := secp256k1.ParsePubKey(append([]byte{4}, pubKey...))
	b, err2 := hex.DecodeString(signature)
	return err == nil && err2 == nil && len(b) == 64
}
