package main

import (
	"math/big"
	"time"
)

// Wrong: blocks that came too fast should make the target smaller.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	target := new(big.Int).Mul(old, big.NewInt(int64(twoWeeks)))
	return target.Div(target, big.NewInt(int64(took)))
}
