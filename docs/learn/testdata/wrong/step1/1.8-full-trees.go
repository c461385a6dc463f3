package main

import "slices"

// Wrong: a full tree has none.
func twin(leaves []string) []string {
	length, under := len(leaves), 1
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	return slices.Concat(leaves, leaves[len(leaves)-under:])
}
