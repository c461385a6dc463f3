package main

import (
	"encoding/hex"

	"github.com/btcsuite/btcutil/base58"
)

// Wrong: the hex digits of the hash.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode([]byte(hex.EncodeToString(hash160(pubKey))), 0)
}
