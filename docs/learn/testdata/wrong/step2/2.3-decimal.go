package main

import "math/big"

// Wrong: the hash is read as a decimal number, which it mostly is not.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 10)
	target := new(big.Int).Lsh(big.NewInt(1), uint(256-bits))
	return ok && number.Cmp(target) < 0
}
