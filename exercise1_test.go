//go:build exercise

package main

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"
)

// The exercises of docs/01-basic-prototype.md. The functions are yours to fill
// in; the tests below say when they are right.

// merkleProof returns the hashes that lead from leaf i up to the root: at each
// level the one that is paired with ours.
func merkleProof(leaves []string, i int) []string {
	return nil
}

// merkleProves reports whether a proof leads from leaf i to root.
func merkleProves(root, leaf string, i int, proof []string) bool {
	return false
}

// firstFault returns the index of the first block whose hash or Merkle root
// does not recompute, or that does not name the block before it as its
// parent; or -1 if there is none.
func firstFault(chain []*Block) int {
	return 0
}

// twin returns a longer list of leaves with the same Merkle root, or nil if
// repeating the end of the list does not give one.
func twin(leaves []string) []string {
	return nil
}

func exerciseLeaves(n int) (leaves []string) {
	for i := range n {
		leaves = append(leaves, sha256Hex(fmt.Append(nil, "leaf ", i)))
	}
	return leaves
}

func TestExercise1Proof(t *testing.T) {
	for n := 1; n <= 33; n++ {
		leaves := exerciseLeaves(n)
		root := MerkleRoot(leaves)
		for i, leaf := range leaves {
			proof := merkleProof(leaves, i)
			if want := bits.Len(uint(n - 1)); len(proof) != want {
				t.Fatalf("leaf %d of %d: %d hashes, want %d", i, n, len(proof), want)
			}
			if !merkleProves(root, leaf, i, proof) {
				t.Fatalf("leaf %d of %d: proof does not lead to the root", i, n)
			}
			if merkleProves(root, sha256Hex([]byte("forged")), i, proof) {
				t.Fatalf("leaf %d of %d: proof holds for another leaf", i, n)
			}
		}
	}
}

func TestExercise1Fault(t *testing.T) {
	tests := []struct {
		name  string
		forge func(chain []*Block) []*Block
		want  int
	}{
		{"nothing", func(chain []*Block) []*Block { return chain }, -1},
		{"a payment", func(chain []*Block) []*Block {
			chain[5].Transactions[0].Vouts[0].Value++
			return chain
		}, 5},
		{"a payment and the root", func(chain []*Block) []*Block {
			chain[5].Transactions[0].Vouts[0].Value++
			chain[5].Header.HashMerkleRoot = chain[5].merkleRoot()
			return chain
		}, 5},
		{"a payment, the root and the hash", func(chain []*Block) []*Block {
			chain[5].Transactions[0].Vouts[0].Value++
			chain[5].Header.HashMerkleRoot = chain[5].merkleRoot()
			chain[5].Header.Hash = chain[5].Header.hash()
			return chain
		}, 6},
		{"a time", func(chain []*Block) []*Block {
			chain[12].Header.Timestamp = "1700000000.0"
			return chain
		}, 12},
		{"a block left out", func(chain []*Block) []*Block { return slices.Delete(chain, 3, 4) }, 3},
		{"the first block left out", func(chain []*Block) []*Block { return chain[1:] }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := firstFault(tt.forge(vectorBlocks(t))); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestExercise1Twin(t *testing.T) {
	for n := 1; n <= 33; n++ {
		leaves := exerciseLeaves(n)
		got := twin(slices.Clone(leaves))
		if full := n&(n-1) == 0; full {
			if got != nil {
				t.Fatalf("%d leaves: got a twin, want none: no level of the tree is odd", n)
			}
			continue
		}
		if len(got) <= n || !slices.Equal(got[:n], leaves) || MerkleRoot(got) != MerkleRoot(leaves) {
			t.Fatalf("%d leaves: %d in the twin, and its root is %.8q, want %.8q", n, len(got), MerkleRoot(got), MerkleRoot(leaves))
		}
	}
}
