package main

import (
	"math/big"
	"time"
)

// Wrong: a float64 keeps 53 bits of a target.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	factor := big.NewFloat(float64(took) / float64(twoWeeks))
	target, _ := new(big.Float).Mul(new(big.Float).SetInt(old), factor).Int(nil)
	return target
}
