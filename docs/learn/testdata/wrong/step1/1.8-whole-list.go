package main

import "slices"

// Wrong: the whole list once more has another root.
func twin(leaves []string) []string {
	return slices.Concat(leaves, leaves)
}
