package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: the version is there twice.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode(append([]byte{0}, hash160(pubKey)...), 0)
}
