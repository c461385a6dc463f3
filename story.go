package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gosimpleblockchain/view"
)

// sentence tells an event in words. One without a sentence is told by its
// message and its facts.
func sentence(message string, facts map[string]string) view.Words {
	var plain strings.Builder
	plain.WriteString(message)
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		fmt.Fprintf(&plain, " %s=%s", key, facts[key])
	}
	return view.Words{EN: plain.String(), ZH: plain.String()}
}
