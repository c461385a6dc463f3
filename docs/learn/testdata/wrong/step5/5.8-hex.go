package main

import "encoding/hex"

// Wrong: the hash of the hex digits.
func bitcoinAddress(w Wallet) string {
	return addressOfKey([]byte(hex.EncodeToString(w.key.PubKey().SerializeCompressed())))
}
