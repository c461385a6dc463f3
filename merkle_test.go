package main

import (
	"fmt"
	"strings"
	"testing"
)

// B6: any number of leaves.
func TestMerkleRoot(t *testing.T) {
	if got := MerkleRoot(nil); got != "" {
		t.Errorf("no leaves: %q", got)
	}
	var leaves []string
	for n := 1; n <= 33; n++ {
		leaves = append(leaves, sha256Hex(fmt.Append(nil, n)))
		before := strings.Join(leaves, "")
		if got, want := MerkleRoot(leaves), refMerkleRoot(leaves); got != want {
			t.Errorf("%d leaves: %s, want %s", n, got, want)
		}
		if strings.Join(leaves, "") != before {
			t.Errorf("%d leaves: they are changed", n)
		}
	}
}

// refMerkleRoot is the definition, word for word.
func refMerkleRoot(level []string) string {
	if len(level) == 1 {
		return level[0]
	}
	var parents []string
	for i := 0; i < len(level); i += 2 {
		parents = append(parents, sha256Hex([]byte(level[i]+level[min(i+1, len(level)-1)])))
	}
	return refMerkleRoot(parents)
}

// B6: blocks of 1 to 33 transactions, whose roots a second, recursive
// definition gives too.
func TestMerkleRootsOfRealBlocks(t *testing.T) {
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
		if got, want := parent.Header.HashMerkleRoot, recursiveRoot(leaves, depth); got != want {
			t.Errorf("%d leaves: root %s, want %s", n, got, want)
		}
	}
	if got := tipOf(t, v.bc); got.ref() != parent.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), parent.ref())
	}
}

// recursiveRoot is the root of a tree of the given depth: that of its left
// half, and of its right half or, where there is none, of the left again.
func recursiveRoot(leaves []string, depth int) string {
	if depth == 0 {
		return leaves[0]
	}
	half := 1 << (depth - 1)
	left := recursiveRoot(leaves[:min(half, len(leaves))], depth-1)
	right := left
	if len(leaves) > half {
		right = recursiveRoot(leaves[half:], depth-1)
	}
	return sha256Hex([]byte(left + right))
}
