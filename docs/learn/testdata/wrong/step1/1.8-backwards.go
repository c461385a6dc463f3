package main

import "slices"

// Wrong: the end is repeated in the wrong order.
func twin(leaves []string) []string {
	length, under := len(leaves), 1
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	if length == 1 {
		return nil
	}
	end := slices.Clone(leaves[len(leaves)-under:])
	slices.Reverse(end)
	return slices.Concat(leaves, end)
}
