package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: the version is not the 1 that addresses begin with.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode(hash160(pubKey), 1)
}
