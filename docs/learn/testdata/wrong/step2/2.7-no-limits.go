package main

import (
	"math/big"
	"time"
)

// Wrong: no limits: one wrong clock could make the work free.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	target := new(big.Int).Mul(old, big.NewInt(int64(took)))
	return target.Div(target, big.NewInt(int64(twoWeeks)))
}
