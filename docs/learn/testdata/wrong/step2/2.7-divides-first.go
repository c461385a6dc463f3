package main

import (
	"math/big"
	"time"
)

// Wrong: it divides first, and loses what is left over.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	target := new(big.Int).Div(old, big.NewInt(int64(twoWeeks)))
	return target.Mul(target, big.NewInt(int64(took)))
}
