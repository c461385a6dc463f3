package main

import "slices"

// Wrong: the second half of an even list is repeated.
func twin(leaves []string) []string {
	n := len(leaves)
	switch {
	case n&(n-1) == 0:
		return nil
	case n%2 == 1:
		return append(slices.Clone(leaves), leaves[n-1])
	default:
		return slices.Concat(leaves, leaves[n/2:])
	}
}
