package main

import "slices"

// Wrong: an even list has twins, too, if a higher level is odd.
func twin(leaves []string) []string {
	if len(leaves)%2 == 0 || len(leaves) == 1 {
		return nil
	}
	return append(slices.Clone(leaves), leaves[len(leaves)-1])
}
