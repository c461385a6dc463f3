//go:build challenge

package main

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

// copyChain returns a chain that shares nothing with the given one.
func copyChain(chain []*Block) []*Block {
	var blocks []*Block
	for _, b := range chain {
		blocks = append(blocks, copyBlock(b))
	}
	return blocks
}

// A forgery is what forge returns.
type forgery struct {
	chain []*Block
	tries int
}

func TestHole2_6Forge(t *testing.T) {
	chain := minedChain(13)
	for height, b := range chain {
		b.Transactions = append(b.Transactions, fmt.Sprintf("%s owes %s, says %[1]s", alice, mia))
		b.Header.HashMerkleRoot = b.merkleRoot()
		b.Header.Timestamp = fmt.Sprintf("%d.25", 1_700_000_000+777*height) // not what timeOf says
		if height == 0 {
			b.Header.Hash = b.Header.hash()
		} else {
			b.Header.PrevBlockHash = chain[height-1].Header.Hash
			mine(b, workBits)
		}
	}
	before := copyChain(chain)

	for height := range chain {
		for _, from := range []string{alice, mia} {
			call := fmt.Sprintf("forge(a chain of 13 blocks, %d, …)", height)
			got := attempt(t, call, func() forgery {
				forged, tries := forge(chain, height, from, mallory)
				return forgery{forged, tries}
			})

			if !reflect.DeepEqual(chain, before) {
				t.Fatalf("%s changes the chain that it's given", call)
			}
			if len(got.chain) != len(chain) {
				t.Fatalf("%s returns %d blocks, want %d", call, len(got.chain), len(chain))
			}
			for i, b := range got.chain {
				if b == nil {
					t.Fatalf("%s returns no block %d: it's nil", call, i)
				}
			}
			if err := checkChain(got.chain); err != nil {
				t.Fatalf("%s returns a chain that doesn't hold: %v", call, err)
			}
			checkForgery(t, call, got, chain, height, from)
		}
	}
}

// checkForgery checks a forged chain that holds, block by block.
func checkForgery(t *testing.T, call string, got forgery, chain []*Block, height int, from string) {
	t.Helper()
	tries := 0
	for i, b := range got.chain {
		for j, tx := range chain[i].Transactions {
			if i == height {
				tx = strings.ReplaceAll(tx, from, mallory)
			}
			if j >= len(b.Transactions) || b.Transactions[j] != tx {
				t.Fatalf("%s: in the new block %d transaction %d should be\n%s", call, i, j, tx)
			}
		}
		if len(b.Transactions) != len(chain[i].Transactions) {
			t.Fatalf("%s: the new block %d has %d transactions, want %d", call, i, len(b.Transactions), len(chain[i].Transactions))
		}
		if b.Header.Timestamp != chain[i].Header.Timestamp {
			t.Fatalf("%s: the new block %d has time %s, want %s", call, i, b.Header.Timestamp, chain[i].Header.Timestamp)
		}
		if i < height && b.Header != chain[i].Header {
			t.Fatalf("%s: block %d is below the forged one, and should stay as it is", call, i)
		}

		if i >= max(height, 1) {
			lowest := copyBlock(b)
			mine(lowest, workBits)
			if b.Header.Nonce != lowest.Header.Nonce {
				t.Fatalf("%s: the new block %d has nonce %d, but %d would have done", call, i, b.Header.Nonce, lowest.Header.Nonce)
			}
			tries += b.Header.Nonce + 1
		}
	}
	if got.tries != tries {
		t.Fatalf("%s says that it took %d tries; by the nonces of the blocks that had to be mined, %d", call, got.tries, tries)
	}
}

const twoWeeks = 14 * 24 * time.Hour

func TestHole2_7Retarget(t *testing.T) {
	first, ok := new(big.Int).SetString("ffff0000000000000000000000000000000000000000000000000000", 16) // of Bitcoin's block 0
	if !ok {
		t.Fatal("bad number")
	}
	olds := []*big.Int{first, big.NewInt(1_000_003), new(big.Int).Add(new(big.Int).Rsh(first, 77), big.NewInt(12345)), big.NewInt(7)}

	tests := []struct {
		name     string
		took     time.Duration
		num, den int64 // what the old target is multiplied and divided by
	}{
		{"two weeks", twoWeeks, 1, 1},
		{"one week", twoWeeks / 2, 1, 2},
		{"three weeks", twoWeeks * 3 / 2, 3, 2},
		{"a second less than two weeks", twoWeeks - time.Second, 1209599, 1209600},
		{"a second more than two weeks", twoWeeks + time.Second, 1209601, 1209600},
		{"ten days", 240 * time.Hour, 5, 7},
		{"just eight weeks", 4 * twoWeeks, 4, 1},
		{"nine weeks", 9 * 7 * 24 * time.Hour, 4, 1},
		{"a year", 365 * 24 * time.Hour, 4, 1},
		{"just half a week", twoWeeks / 4, 1, 4},
		{"a day", 24 * time.Hour, 1, 4},
		{"no time at all", 0, 1, 4},
		{"less than no time, as clocks may have it", -time.Hour, 1, 4},
		{"a month less than no time", -30 * 24 * time.Hour, 1, 4},
	}
	for _, old := range olds {
		for _, tt := range tests {
			want := new(big.Int).Mul(old, big.NewInt(tt.num))
			want.Div(want, big.NewInt(tt.den))

			given := new(big.Int).Set(old)
			got := attempt(t, "retarget", func() *big.Int { return retarget(given, tt.took) })
			if given.Cmp(old) != 0 {
				t.Fatalf("retarget changes the old target, which is the caller's: %x has become %x", old, given)
			}
			if got == nil || got.Cmp(want) != 0 {
				t.Errorf("2016 blocks took %s: the target %x becomes %x, want %x", tt.name, old, got, want)
			}
			if got == given {
				t.Errorf("2016 blocks took %s: retarget returns the caller's own number: make a new one", tt.name)
			}
		}
	}
}

// The change of target after block 32255, the first ever: the time is that from
// block 30240 to 32255.
func TestHole2_7RetargetOfBitcoin(t *testing.T) {
	old, _ := new(big.Int).SetString("ffff0000000000000000000000000000000000000000000000000000", 16)
	got := attempt(t, "retarget", func() *big.Int { return retarget(old, (1262152739-1261130161)*time.Second) })
	// The header keeps only the first three bytes of it: 1d00d86a.
	if got == nil || new(big.Int).Rsh(got, 208).Int64() != 0xd86a {
		t.Errorf("Bitcoin's first change of target, %s after the first block of its period: got %x, want a number that begins with d86a and has 224 bits", 1022578*time.Second, got)
	}
}

func TestHole2_8CatchUp(t *testing.T) {
	tests := []struct {
		q    float64
		step int // between the z of two values
		want []float64
	}{
		// The tables of Bitcoin's paper, section 11.
		{0.1, 1, []float64{1, 0.2045873, 0.0509779, 0.0131722, 0.0034552, 0.0009137, 0.0002428, 0.0000647, 0.0000173, 0.0000046, 0.0000012}},
		{0.3, 5, []float64{1, 0.1773523, 0.0416605, 0.0101008, 0.0024804, 0.0006132, 0.0001522, 0.0000379, 0.0000095, 0.0000024, 0.0000006}},
		// Those whom no number of blocks keeps off, and those who have nothing.
		{0.5, 3, []float64{1, 1, 1, 1}},
		{0.6, 50, []float64{1, 1, 1}},
		{1, 7, []float64{1, 1, 1}},
		{0, 1, []float64{1, 0, 0}},
	}
	for _, tt := range tests {
		for i, want := range tt.want {
			z := i * tt.step
			got := attempt(t, "catchUp", func() float64 { return catchUp(tt.q, z) })
			if math.IsNaN(got) || math.Abs(got-want) > 0.6e-7 {
				t.Errorf("catchUp(%g, %d) is %.7f, want %.7f", tt.q, z, got, want)
			}
		}
	}
}

// "Solving for P less than 0.1%", in the same place.
func TestHole2_8CatchUpBelowAThousandth(t *testing.T) {
	tests := []struct {
		q float64
		z int
	}{{0.10, 5}, {0.15, 8}, {0.20, 11}, {0.25, 15}, {0.30, 24}, {0.35, 41}, {0.40, 89}, {0.45, 340}}
	for _, tt := range tests {
		before := attempt(t, "catchUp", func() float64 { return catchUp(tt.q, tt.z-1) })
		after := attempt(t, "catchUp", func() float64 { return catchUp(tt.q, tt.z) })
		if !(before >= 0.001 && after < 0.001) {
			t.Errorf("catchUp(%g, %d) is %.6f and catchUp(%g, %d) is %.6f: want 0.001 in between", tt.q, tt.z-1, before, tt.q, tt.z, after)
		}
	}
}

// More blocks on top never help her, more power never harms her, and no chance is
// below 0 or above 1.
func TestHole2_8CatchUpOrder(t *testing.T) {
	for _, q := range []float64{0.01, 0.1, 0.25, 0.4, 0.45, 0.49} {
		last := 1.0
		for z := 0; z <= 500; z += 4 {
			got := attempt(t, "catchUp", func() float64 { return catchUp(q, z) })
			stronger := attempt(t, "catchUp", func() float64 { return catchUp(q+0.005, z) })
			if math.IsNaN(got) || got < -1e-9 || got > 1+1e-9 {
				t.Fatalf("catchUp(%g, %d) is %g, which is no chance", q, z, got)
			}
			if got > last+1e-9 {
				t.Fatalf("catchUp(%g, %d) is %g, but with four blocks less it's %g: more blocks should make it harder", q, z, got, last)
			}
			if math.IsNaN(stronger) || stronger < got-1e-9 {
				t.Fatalf("catchUp(%g, %d) is %g, but with a little more power it's %g", q, z, got, stronger)
			}
			last = got
		}
	}
}
