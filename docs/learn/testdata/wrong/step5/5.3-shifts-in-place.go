package main

import (
	"encoding/hex"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Wrong: it shifts the key to make room for the 04, in the caller's slice.
func verify(pubKey, digest []byte, signature string) bool {
	if len(pubKey) != 64 {
		return false
	}
	full := append(pubKey, 0)
	copy(full[1:], full)
	full[0] = 4
	key, err := secp256k1.ParsePubKey(full)
	if err != nil {
		return false
	}
	b, err := hex.DecodeString(signature)
	if err != nil || len(b) != 64 {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(b[:32]) || s.SetByteSlice(b[32:]) {
		return false
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest, key)
}
