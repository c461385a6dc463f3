package main

import (
	"math/big"
	"time"
)

// Wrong: a target has up to 256 bits; an int64 has 63.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)
	return big.NewInt(old.Int64() * int64(took/time.Second) / int64(twoWeeks/time.Second))
}
