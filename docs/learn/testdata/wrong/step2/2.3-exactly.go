package main

import "math/big"

// Wrong: more zero bits than asked for are fine.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 16)
	return ok && number.BitLen() == 256-bits
}
