package main

import (
	"math/big"
	"time"
)

// Wrong: it counts whole days.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	target := new(big.Int).Mul(old, big.NewInt(int64(took/(24*time.Hour))))
	return target.Div(target, big.NewInt(14))
}
