package main

import "slices"

// Wrong: of many coins with the same value the first doesn't stay in front.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	slices.SortFunc(sorted, func(a, b Coin) int { return b.Value - a.Value })
	return sorted
}
