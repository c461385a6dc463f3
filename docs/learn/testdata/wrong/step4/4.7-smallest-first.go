package main

import (
	"cmp"
	"slices"
)

// The smallest comes first.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	slices.SortStableFunc(sorted, func(a, b Coin) int { return cmp.Compare(a.Value, b.Value) })
	return sorted
}
