package main

import "slices"

// Only the largest comes to the front, the others stay in their order.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	for i, c := range sorted {
		if c.Value > sorted[0].Value {
			sorted[0], sorted[i] = c, sorted[0]
		}
	}
	return sorted
}
