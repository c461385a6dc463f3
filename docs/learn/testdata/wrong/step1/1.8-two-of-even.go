package main

import "slices"

// Wrong: of an even list the last two are repeated: right for six, not for twelve.
func twin(leaves []string) []string {
	n := len(leaves)
	switch {
	case n&(n-1) == 0:
		return nil
	case n%2 == 1:
		return append(slices.Clone(leaves), leaves[n-1])
	default:
		return slices.Concat(leaves, leaves[n-2:])
	}
}
