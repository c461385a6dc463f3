package main

import (
	"encoding/hex"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Wrong: only the last bit of Y is looked at.
func verify(pubKey, digest []byte, signature string) bool {
	if len(pubKey) != 64 {
		return false
	}
	key, err := secp256k1.ParsePubKey(append([]byte{2 + pubKey[63]%2}, pubKey[:32]...))
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
