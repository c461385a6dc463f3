package main

import "slices"

// Wrong: the last leaf is repeated as often as leaves should be.
func twin(leaves []string) []string {
	length, under := len(leaves), 1
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	if length == 1 {
		return nil
	}
	longer := slices.Clone(leaves)
	for range under {
		longer = append(longer, leaves[len(leaves)-1])
	}
	return longer
}
