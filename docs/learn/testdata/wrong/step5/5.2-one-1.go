package main

import (
	"strings"

	"github.com/btcsuite/btcutil/base58"
)

// Wrong: every address begins with a single 1.
func addressOfKey(pubKey []byte) string {
	return "1" + strings.TrimLeft(base58.CheckEncode(hash160(pubKey), 0), "1")
}
