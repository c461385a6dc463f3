//go:build challenge

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// levelsOf returns the levels of the Merkle tree, from the leaves to the root.
func levelsOf(leaves []string) (levels [][]string) {
	level := slices.Clone(leaves)
	for {
		levels = append(levels, level)
		if len(level) == 1 {
			return levels
		}
		var above []string
		for pair := range slices.Chunk(level, 2) {
			above = append(above, sha256Hex(pair[0]+pair[len(pair)-1]))
		}
		level = above
	}
}

func rootOf(leaves []string) string {
	levels := levelsOf(leaves)
	return levels[len(levels)-1][0]
}

// proofOf returns the proof for leaf i.
func proofOf(leaves []string, i int) (proof []string) {
	for _, level := range levelsOf(leaves) {
		if len(level) > 1 {
			partner := i + 1
			if i%2 == 1 {
				partner = i - 1
			} else if partner == len(level) {
				partner = i
			}
			proof = append(proof, level[partner])
		}
		i /= 2
	}
	return proof
}

// realPlace returns which leaf is at place i of the tree, some of whose hashes are
// repeated: of three leaves the one at place 3 is leaf 2. -1 means that the tree
// has no such place.
func realPlace(leaves []string, i int) int {
	levels := levelsOf(leaves)
	if i < 0 || i >= 1<<(len(levels)-1) {
		return -1
	}
	place := 0
	for down := len(levels) - 2; down >= 0; down-- {
		place = 2*place + i>>down&1
		if place == len(levels[down]) {
			place--
		}
	}
	return place
}

func TestHole1_6MerkleProof(t *testing.T) {
	for n := 1; n <= 33; n++ {
		for i := range n {
			all := leaves(n + 3)
			call := fmt.Sprintf("merkleProof(%d leaves, %d)", n, i)
			got := attempt(t, call, func() []string { return merkleProof(all[:n], i) })
			if !slices.Equal(all, leaves(n+3)) {
				t.Fatalf("%s writes into the caller's list, or behind its end", call)
			}

			want := proofOf(all[:n], i)
			if len(got) != len(want) {
				t.Fatalf("%s returns %d hashes, want %d: one for each level below the root", call, len(got), len(want))
			}
			for level := range want {
				if got[level] != want[level] {
					t.Fatalf("%s: hash %d of the proof, from 0, is %.8q, which isn't the one that ours is paired with on level %[2]d", call, level, got[level])
				}
			}
		}
	}
}

// proves calls merkleProves, which must leave the proof as it is.
func proves(t *testing.T, root, leaf string, i int, proof []string) bool {
	t.Helper()
	given := slices.Clone(proof)
	call := fmt.Sprintf("merkleProves with place %d and a proof of %d hashes", i, len(proof))
	got := attempt(t, call, func() bool { return merkleProves(root, leaf, i, given) })
	if !slices.Equal(given, proof) {
		t.Fatalf("%s changes the proof", call)
	}
	return got
}

func TestHole1_7MerkleProves(t *testing.T) {
	for n := 1; n <= 33; n++ {
		all := leaves(n)
		root := rootOf(all)
		for i, leaf := range all {
			if !proves(t, root, leaf, i, proofOf(all, i)) {
				t.Fatalf("the proof for leaf %d of %d is refused", i, n)
			}
		}
	}
}

func TestHole1_7MerkleProvesPlace(t *testing.T) {
	for n := 1; n <= 33; n++ {
		all := leaves(n)
		root := rootOf(all)
		for i, leaf := range all {
			proof := proofOf(all, i)
			for place := -70; place <= 140; place++ {
				// A place where the tree has the same leaf once more proves as well.
				want := realPlace(all, place) == i
				if got := proves(t, root, leaf, place, proof); got != want {
					t.Fatalf("the proof for leaf %d of %d, with place %d: merkleProves says %t, want %t", i, n, place, got, want)
				}
			}
			for _, place := range []int{i + 1<<len(proof), i + 1<<30, i - 1<<len(proof), ^i, math.MaxInt, math.MinInt, math.MinInt + i} {
				if proves(t, root, leaf, place, proof) {
					t.Fatalf("the proof for leaf %d of %d holds with place %d, too: a tree with %d levels below the root has no such place", i, n, place, len(proof))
				}
			}
		}
	}
}

func TestHole1_7MerkleProvesLies(t *testing.T) {
	forged := sha256Hex("forged")
	for n := 1; n <= 17; n++ {
		all := leaves(n)
		root := rootOf(all)
		for i, leaf := range all {
			proof := proofOf(all, i)
			refuse := func(lie, root, leaf string, proof []string) {
				t.Helper()
				if proves(t, root, leaf, i, proof) {
					t.Fatalf("leaf %d of %d: merkleProves accepts %s", i, n, lie)
				}
			}

			refuse("another leaf", root, forged, proof)
			refuse("a leaf whose last digit is another", root, otherEnd(leaf), proof)
			refuse("no leaf", root, "", proof)
			refuse("another root", forged, leaf, proof)
			refuse("a root whose last digit is another", otherEnd(root), leaf, proof)
			refuse("a root in capitals", strings.ToUpper(root), leaf, proof)
			refuse("no root", "", leaf, proof)
			refuse("a proof with a hash too many", root, leaf, append(slices.Clone(proof), forged))
			refuse("a proof with the root behind it", root, leaf, append(slices.Clone(proof), root))
			if n > 1 {
				refuse("the root as a leaf", root, root, proof)
				refuse("no proof", root, leaf, nil)
				refuse("a proof without its last hash", root, leaf, proof[:len(proof)-1])
				refuse("a proof without its first hash", root, leaf, proof[1:])
			}
			for level := range proof {
				spoilt := slices.Clone(proof)
				spoilt[level] = forged
				refuse(fmt.Sprintf("a proof in which hash %d, from 0, is another", level), root, leaf, spoilt)
				if level > 0 {
					swapped := slices.Clone(proof)
					swapped[level-1], swapped[level] = swapped[level], swapped[level-1]
					refuse(fmt.Sprintf("a proof in which hashes %d and %d have changed places", level-1, level), root, leaf, swapped)
				}
			}
		}
	}
}

// Mia's block has four transactions: the proofs were worked out by hand.
func TestHole1_7MerkleProvesByHand(t *testing.T) {
	a, b, c, d := sha256Hex("a"), sha256Hex("b"), sha256Hex("c"), sha256Hex("d")
	ab, cd := sha256Hex(a+b), sha256Hex(c+d)
	root := sha256Hex(ab + cd)
	tests := []struct {
		leaf  string
		i     int
		proof []string
		want  bool
	}{
		{a, 0, []string{b, cd}, true},
		{b, 1, []string{a, cd}, true},
		{c, 2, []string{d, ab}, true},
		{d, 3, []string{c, ab}, true},
		{a, 1, []string{b, cd}, false},
		{a, 2, []string{b, cd}, false},
		{a, 4, []string{b, cd}, false},
		{c, 0, []string{d, ab}, false},
		{b, 0, []string{a, cd}, false},
	}
	for _, tt := range tests {
		if got := proves(t, root, tt.leaf, tt.i, tt.proof); got != tt.want {
			t.Errorf("four leaves, %.8s at place %d: merkleProves says %t, want %t", tt.leaf, tt.i, got, tt.want)
		}
	}
}

func TestHole1_8Twin(t *testing.T) {
	for n := 1; n <= 70; n++ {
		all := leaves(n + 80)
		call := fmt.Sprintf("twin(%d leaves)", n)
		got := attempt(t, call, func() []string { return twin(all[:n]) })
		if !slices.Equal(all, leaves(n+80)) {
			t.Fatalf("%s writes into the caller's list, or behind its end: append does so where there's room", call)
		}

		if n&(n-1) == 0 {
			if got != nil {
				t.Fatalf("%s returns %d leaves, want nil: no level of the tree is odd", call, len(got))
			}
			continue
		}
		if len(got) <= n {
			t.Fatalf("%s returns %d leaves, want more than %d: some level of the tree is odd", call, len(got), n)
		}
		if !slices.Equal(got[:n], all[:n]) {
			t.Fatalf("%s returns a list that doesn't begin with the leaves that it was given", call)
		}
		if want := rootOf(all[:n]); rootOf(got) != want {
			t.Fatalf("%s returns %d leaves with the root %.8s, want the root of those that it was given, %.8s", call, len(got), rootOf(got), want)
		}
	}
}
