package main

import "slices"

// Wrong: a single leaf has none: it's the root as it is, and not paired with itself.
func twin(leaves []string) []string {
	length, under := len(leaves), 1
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	if length == 1 && len(leaves) > 1 {
		return nil
	}
	return slices.Concat(leaves, leaves[len(leaves)-under:])
}
