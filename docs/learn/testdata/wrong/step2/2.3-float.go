package main

import (
	"math"
	"math/big"
)

// Wrong: a float64 has 53 bits: just below the target it rounds up to it.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Float).SetString("0x" + hash)
	if !ok {
		return false
	}
	n, _ := number.Float64()
	return n < math.Pow(2, float64(256-bits))
}
