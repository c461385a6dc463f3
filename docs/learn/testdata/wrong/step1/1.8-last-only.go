package main

import "slices"

// Wrong: only the last leaf is repeated: right for three, not for six.
func twin(leaves []string) []string {
	if len(leaves)&(len(leaves)-1) == 0 {
		return nil
	}
	return append(slices.Clone(leaves), leaves[len(leaves)-1])
}
