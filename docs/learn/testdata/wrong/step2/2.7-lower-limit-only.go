package main

import (
	"math/big"
	"time"
)

// Wrong: no upper limit.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = max(took, twoWeeks/4)
	target := new(big.Int).Mul(old, big.NewInt(int64(took)))
	return target.Div(target, big.NewInt(int64(twoWeeks)))
}
