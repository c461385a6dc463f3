package main

import (
	"cmp"
	"slices"
)

// It sorts by name where the values are the same.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	slices.SortFunc(sorted, func(a, b Coin) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.TxID, b.TxID))
	})
	return sorted
}
