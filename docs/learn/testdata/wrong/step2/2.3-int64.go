package main

import "math/big"

// Wrong: 2^(256-bits) does not fit into an int.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 16)
	target := big.NewInt(1 << (256 - bits))
	return ok && number.Cmp(target) < 0
}
