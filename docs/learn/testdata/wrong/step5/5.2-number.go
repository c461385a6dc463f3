package main

import (
	"math/big"

	"github.com/btcsuite/btcutil/base58"
)

// Wrong: a number has no zeros in front: they are lost.
func addressOfKey(pubKey []byte) string {
	n := new(big.Int).SetBytes(hash160(pubKey))
	return base58.CheckEncode(n.Bytes(), 0)
}
