package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: a version, but no checksum.
func addressOfKey(pubKey []byte) string {
	return base58.Encode(append([]byte{0}, hash160(pubKey)...))
}
