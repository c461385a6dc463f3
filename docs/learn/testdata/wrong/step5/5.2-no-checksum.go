package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: plain Base58, without version and checksum.
func addressOfKey(pubKey []byte) string {
	return base58.Encode(hash160(pubKey))
}
