//go:build exercise

package main

import (
	"context"
	"math/big"
	"testing"
	"time"
)

// The exercises of docs/02-proof-of-work.md. The functions are yours to fill
// in; the tests below say when they are right.

// hasZeroBits reports whether sum begins with so many zero bits, 0 to 256.
func hasZeroBits(sum [32]byte, bits int) bool {
	return false
}

// forge makes the coinbase of the block at height pay another address, and
// mends that block and all above it, so that the chain holds again. It returns
// how many hashes the new work took.
func forge(chain []*Block, height int, address string) (hashes int64, err error) {
	return 0, nil
}

// retarget returns Bitcoin's next target: the old one in proportion to the
// time that 2016 blocks took instead of two weeks, yet at most four times and
// at least a quarter of the old one. It rounds down.
func retarget(old *big.Int, took time.Duration) *big.Int {
	return nil
}

func TestExercise2ZeroBits(t *testing.T) {
	limit := new(big.Int).Lsh(big.NewInt(1), 256)
	for bits := range 257 {
		target := new(big.Int).Rsh(limit, uint(bits))
		var below, at [32]byte
		new(big.Int).Sub(target, big.NewInt(1)).FillBytes(below[:])
		if !hasZeroBits(below, bits) {
			t.Fatalf("%x has %d zero bits", below, bits)
		}
		if bits == 0 {
			continue
		}
		if target.FillBytes(at[:]); hasZeroBits(at, bits) {
			t.Fatalf("%x does not have %d zero bits", at, bits)
		}
	}
}

func TestExercise2Forge(t *testing.T) {
	victim, thief := testWallet(t, 0), testWallet(t, 1)
	chain := []*Block{mine(t, nil, victim, 0)}
	for range 8 {
		chain = append(chain, mine(t, chain[len(chain)-1], victim, 0))
	}
	got, err := forge(chain, 3, thief.Address())
	if err != nil {
		t.Fatal(err)
	}
	var want int64
	for _, b := range chain[3:] {
		want += b.Header.Nonce + 1
	}
	if got != want {
		t.Errorf("%d hashes, want %d", got, want)
	}
	bc := newChain(t)
	if err := bc.AddBlocks(context.Background(), raws(chain...)); err != nil {
		t.Fatal(err)
	}
	if tip := tipOf(t, bc).Header.Height; tip != 8 {
		t.Errorf("tip is block %d, want 8", tip)
	}
	if got := balanceOf(t, bc, thief.Address()); got != Subsidy {
		t.Errorf("thief has %d, want %d", got, Subsidy)
	}
}

func TestExercise2Retarget(t *testing.T) {
	const twoWeeks = 14 * 24 * time.Hour
	old, ok := new(big.Int).SetString("ffff0000000000000000000000000000000000000000000000000000", 16) // Bitcoin's first
	if !ok {
		t.Fatal("bad number")
	}
	times := func(n, d int64) *big.Int {
		x := new(big.Int).Mul(old, big.NewInt(n))
		return x.Div(x, big.NewInt(d))
	}
	tests := []struct {
		name string
		took time.Duration
		want *big.Int
	}{
		{"two weeks", twoWeeks, old},
		{"one week: twice as hard", twoWeeks / 2, times(1, 2)},
		{"three weeks", twoWeeks * 3 / 2, times(3, 2)},
		{"a day: a quarter at least", 24 * time.Hour, times(1, 4)},
		{"a year: four times at most", 365 * 24 * time.Hour, times(4, 1)},
		{"backwards, as timestamps may", -time.Hour, times(1, 4)},
		{"a second less", twoWeeks - time.Second, times(1209599, 1209600)},
	}
	for _, tt := range tests {
		before := new(big.Int).Set(old)
		got := retarget(old, tt.took)
		if got == nil || got.Cmp(tt.want) != 0 {
			t.Errorf("%s: got %x, want %x", tt.name, got, tt.want)
		}
		if old.Cmp(before) != 0 {
			t.Fatalf("%s: the old target is changed", tt.name)
		}
	}
}
