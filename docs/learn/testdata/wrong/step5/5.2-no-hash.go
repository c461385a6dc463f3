package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: the key itself, not its hash.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode(pubKey, 0)
}
