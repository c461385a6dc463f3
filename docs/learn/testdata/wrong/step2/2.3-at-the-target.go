package main

import "math/big"

// Wrong: the target itself is not below the target.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 16)
	target := new(big.Int).Lsh(big.NewInt(1), uint(256-bits))
	return ok && number.Cmp(target) <= 0
}
