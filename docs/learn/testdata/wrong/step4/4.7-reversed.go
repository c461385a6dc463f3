package main

import (
	"cmp"
	"slices"
)

// It sorts the other way round and turns that about, and equal ones with it.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	slices.SortStableFunc(sorted, func(a, b Coin) int { return cmp.Compare(a.Value, b.Value) })
	slices.Reverse(sorted)
	return sorted
}
