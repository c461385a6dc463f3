package main

import (
	"math/big"
	"time"
)

// Wrong: old is the caller's.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	old.Mul(old, big.NewInt(int64(took)))
	return old.Div(old, big.NewInt(int64(twoWeeks)))
}
