package main

import (
	"maps"
	"slices"
)

// Coins of the same value are lost: it keeps them by their value.
func largestFirst(coins []Coin) []Coin {
	byValue := map[int]Coin{}
	for _, c := range coins {
		byValue[c.Value] = c
	}
	var sorted []Coin
	for _, value := range slices.Backward(slices.Sorted(maps.Keys(byValue))) {
		sorted = append(sorted, byValue[value])
	}
	return sorted
}
