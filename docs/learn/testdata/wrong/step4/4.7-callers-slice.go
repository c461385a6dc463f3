package main

import (
	"cmp"
	"slices"
)

// It sorts the caller's slice.
func largestFirst(coins []Coin) []Coin {
	slices.SortStableFunc(coins, func(a, b Coin) int { return cmp.Compare(b.Value, a.Value) })
	return coins
}
