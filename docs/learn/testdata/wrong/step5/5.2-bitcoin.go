package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: Bitcoin's address: with 04 in front of the key.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode(hash160(append([]byte{4}, pubKey...)), 0)
}
