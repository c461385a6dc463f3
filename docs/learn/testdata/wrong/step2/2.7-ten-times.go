package main

import (
	"math/big"
	"time"
)

// Wrong: the limits are 4 and 1/4, not 10 and 1/10.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/10), 10*twoWeeks)
	target := new(big.Int).Mul(old, big.NewInt(int64(took)))
	return target.Div(target, big.NewInt(int64(twoWeeks)))
}
