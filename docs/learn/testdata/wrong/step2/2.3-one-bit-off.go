package main

import "math/big"

// Wrong: the target is 2^(255-bits).
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 16)
	target := new(big.Int).Rsh(new(big.Int).Lsh(big.NewInt(1), 255), uint(bits))
	return ok && number.Cmp(target) < 0
}
