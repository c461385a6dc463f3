package main

import (
	"encoding/hex"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Wrong: what comes after an error of the decoder is ignored.
func verify(pubKey, digest []byte, signature string) bool {
	key, err := secp256k1.ParsePubKey(append([]byte{4}, pubKey...))
	if err != nil {
		return false
	}
	b, _ := hex.DecodeString(signature)
	if len(b) != 64 {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(b[:32]) || s.SetByteSlice(b[32:]) {
		return false
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest, key)
}
