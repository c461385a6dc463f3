package main

import (
	"fmt"
	"strings"
	"testing"
)

// The Python program's tree crashes on three leaves, and on five or more but
// eight; so do two payments in one block. Ours takes any number.
func TestMerkleRoot(t *testing.T) {
	if got := MerkleRoot(nil); got != "" {
		t.Errorf("no leaves: %q", got)
	}

	var leaves []string
	for n := 1; n <= 33; n++ {
		leaves = append(leaves, sha256Hex(fmt.Append(nil, n)))
		before := strings.Join(leaves, "")
		if got, want := MerkleRoot(leaves), rootByLevels(leaves); got != want {
			t.Errorf("%d leaves: %s, want %s", n, got, want)
		}
		if strings.Join(leaves, "") != before {
			t.Errorf("%d leaves: they are changed", n)
		}
	}
}

// rootByLevels is the definition, word for word: each level halves the one
// below, and an odd one repeats its last node.
func rootByLevels(level []string) string {
	if len(level) == 1 {
		return level[0]
	}

	var parents []string
	for i := 0; i < len(level); i += 2 {
		parents = append(parents, sha256Hex([]byte(level[i]+level[min(i+1, len(level)-1)])))
	}
	return rootByLevels(parents)
}

// Blocks of 1 to 33 transactions are accepted, and their roots are those that a
// second definition gives, which goes from the root down.
func TestMerkleRootsOfRealBlocks(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	last, parent := v.coins[1], v.tip
	for n := 1; n <= 33; n++ {
		var txs []*Transaction
		for range n - 1 {
			tx := pay(t, v.alice, v.alice.Address(), 1000, last)
			last = coin(t, tx, 0)
			txs = append(txs, tx)
		}
		parent = mine(t, parent, v.alice, 3, txs...)
		add(t, v.bc, parent)

		var leaves []string
		for _, tx := range parent.Transactions {
			leaves = append(leaves, sha256Hex(tx.AppendJSON(nil)))
		}
		depth := 0
		for 1<<depth < n {
			depth++
		}
		if got, want := parent.Header.HashMerkleRoot, rootByHalves(leaves, depth); got != want {
			t.Errorf("%d leaves: root %s, want %s", n, got, want)
		}
	}
	wantTip(t, v.bc, parent)
}

// rootByHalves is the root of a tree of the given depth: that of its left half,
// and of its right half or, where there is none, of the left again.
func rootByHalves(leaves []string, depth int) string {
	if depth == 0 {
		return leaves[0]
	}

	half := 1 << (depth - 1)
	left := rootByHalves(leaves[:min(half, len(leaves))], depth-1)
	right := left
	if len(leaves) > half {
		right = rootByHalves(leaves[half:], depth-1)
	}
	return sha256Hex([]byte(left + right))
}
