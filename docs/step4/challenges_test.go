//go:build challenge

package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"
)

func TestHole4_7LargestFirst(t *testing.T) {
	random := rand.New(rand.NewSource(51))
	for n := range 21 {
		for _, most := range []int{3, 1000} { // many of the same value, or hardly any
			coins := randomCoins(random, alice, n)
			for i := range coins {
				coins[i].Value = 1 + random.Intn(most)
			}

			before := slices.Clone(coins)
			got := attempt(t, "largestFirst", func() []Coin { return largestFirst(coins) })
			if !slices.Equal(coins, before) {
				t.Fatalf("largestFirst changes the caller's coins:\n%s, before\n%s", list(coins), list(before))
			}
			checkLargestFirst(t, coins, got)
		}
	}
}

// checkLargestFirst checks the order that got has the coins in.
func checkLargestFirst(t *testing.T, coins, got []Coin) {
	t.Helper()
	if len(got) != len(coins) {
		t.Fatalf("largestFirst(%s) returns %d coins, want %d", list(coins), len(got), len(coins))
	}
	for i, c := range got {
		if slices.Index(got, c) != i || !slices.Contains(coins, c) {
			t.Fatalf("largestFirst(%s) returns\n%s: those aren't the same coins", list(coins), list(got))
		}
		if i == 0 {
			continue
		}
		last := got[i-1]
		if last.Value < c.Value {
			t.Fatalf("largestFirst(%s) returns\n%s: %d stands before %d", list(coins), list(got), last.Value, c.Value)
		}
		if last.Value == c.Value && slices.Index(coins, last) > slices.Index(coins, c) {
			t.Fatalf("largestFirst(%s) returns\n%s: two of %d have changed places", list(coins), list(got), c.Value)
		}
	}
}

// What it's good for: no choice of coins is smaller.
func TestHole4_7FewestCoins(t *testing.T) {
	random := rand.New(rand.NewSource(52))
	for range 100 {
		coins := randomCoins(random, alice, 1+random.Intn(9))
		amount := 1 + random.Intn(sumOf(coins))

		fewest := len(coins)
		for set := range 1 << len(coins) {
			sum, n := 0, 0
			for i, c := range coins {
				if set>>i&1 == 1 {
					sum += c.Value
					n++
				}
			}
			if sum >= amount {
				fewest = min(fewest, n)
			}
		}

		sorted := attempt(t, "largestFirst", func() []Coin { return largestFirst(slices.Clone(coins)) })
		sum, n := 0, 0
		for n < len(sorted) && sum < amount {
			sum += sorted[n].Value
			n++
		}
		if sum < amount || n != fewest {
			t.Fatalf("to pay %d, the first of\n%s are %d coins that hold %d; %d coins would do", amount, list(sorted), n, sum, fewest)
		}
	}
}

// A feeSum is what blockFees returns.
type feeSum struct {
	fees int
	err  error
}

func callBlockFees(t *testing.T, coins []Coin, txs ...*Transaction) feeSum {
	t.Helper()
	before := slices.Clone(coins)
	got := attempt(t, "blockFees", func() feeSum {
		fees, err := blockFees(coins, &Block{Header: BlockHeader{Height: 5}, Transactions: txs})
		return feeSum{fees, err}
	})
	if !slices.Equal(coins, before) {
		t.Fatal("blockFees changes the caller's coins")
	}
	return got
}

func TestHole4_8BlockFees(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(53)), alice, 5)
	for i := range coins {
		coins[i].Value = 1000
	}
	small := reward(mia, 5)
	small.Vouts[0].Value = 10
	named(small)

	// One payment on top of the other, each of which leaves 7 to the miner.
	chained := []*Transaction{reward(mia, 5)}
	last := coinOf(chained[0], 0)
	for range 4 {
		tx := payment([]Coin{last}, TXOutput{last.Value - 7, bob})
		chained = append(chained, tx)
		last = coinOf(tx, 0)
	}

	tests := []struct {
		name string
		txs  []*Transaction
		want int
	}{
		{"only a coinbase", []*Transaction{reward(mia, 5)}, 0},
		{"only a coinbase, which doesn't take all that it may", []*Transaction{small}, 0},
		{"a payment that leaves nothing", []*Transaction{reward(mia, 5), payment(coins[:1], TXOutput{100, bob}, TXOutput{900, alice})}, 0},
		{"a payment that leaves 7", []*Transaction{reward(mia, 5), payment(coins[:1], TXOutput{100, bob}, TXOutput{893, alice})}, 7},
		{"a payment out of two coins, which leaves 1", []*Transaction{reward(mia, 5), payment(coins[1:3], TXOutput{1999, bob})}, 1},
		{"a payment that forgets the change", []*Transaction{reward(mia, 5), payment(coins[:3], TXOutput{1, bob})}, 2999},
		{"a small coinbase, and a payment that leaves 7", []*Transaction{small, payment(coins[:1], TXOutput{993, bob})}, 7},
		{"three payments, which leave 1, 20 and 300", []*Transaction{
			reward(mia, 5),
			payment(coins[:1], TXOutput{999, bob}),
			payment(coins[1:2], TXOutput{980, bob}),
			payment(coins[2:4], TXOutput{700, bob}, TXOutput{1000, alice}),
		}, 321},
		{"four payments, each out of the one before", chained, 28},
	}
	for _, tt := range tests {
		if got := callBlockFees(t, coins, tt.txs...); got.err != nil || got.fees != tt.want {
			t.Errorf("a block with %s: the fees are %d, with error %v; want %d", tt.name, got.fees, got.err, tt.want)
		}
	}
}

func TestHole4_8BadBlocks(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(54)), alice, 3)
	good := payment(coins[:1], TXOutput{1, bob})
	greedy := payment(coins[1:2], TXOutput{coins[1].Value + 1, bob})
	renamed := copyTx(good)
	renamed.TxID = sha256Hex("any name")
	tests := []struct {
		name string
		txs  []*Transaction
	}{
		{"no transactions", nil},
		{"no coinbase", []*Transaction{good}},
		{"two coinbases", []*Transaction{reward(mia, 5), reward(mallory, 6)}},
		{"a wrong name", []*Transaction{reward(mia, 5), renamed}},
		{"a payment that makes too much", []*Transaction{reward(mia, 5), greedy}},
		{"a payment that makes too much, and one that leaves more over", []*Transaction{reward(mia, 5), payment(coins[2:], TXOutput{1, bob}), greedy}},
		{"an output of -500", []*Transaction{reward(mia, 5), payment(coins[:1], TXOutput{-500, bob})}},
		{"an unknown coin", []*Transaction{reward(mia, 5), payment([]Coin{coinOf(reward(bob, 9), 0)}, TXOutput{1, bob})}},
		{"a coin that's spent twice", []*Transaction{reward(mia, 5), good, payment(coins[:1], TXOutput{1, carol})}},
	}
	for _, tt := range tests {
		if got := callBlockFees(t, coins, tt.txs...); got.err == nil {
			t.Errorf("a block with %s: the fees are %d; want an error", tt.name, got.fees)
		}
	}
}

func callPayMany(t *testing.T, outs []TXOutput, coins []Coin) made {
	t.Helper()
	var values []int
	for _, out := range outs {
		values = append(values, out.Value)
	}
	call := fmt.Sprintf("payMany(Alice, %v, %s)", values, list(coins))

	room := append(slices.Clone(outs), TXOutput{77, mallory}) // memory behind outs, that the caller uses
	coinsBefore := slices.Clone(coins)
	got := attempt(t, call, func() made {
		tx, err := payMany(alice, room[:len(outs)], coins)
		return made{tx, err}
	})
	if !slices.Equal(room[:len(outs)], outs) || room[len(outs)] != (TXOutput{77, mallory}) {
		t.Fatalf("%s changes the caller's outs, or what stands behind them in memory", call)
	}
	if !slices.Equal(coins, coinsBefore) {
		t.Fatalf("%s changes the caller's coins", call)
	}
	if got.tx == nil && got.err == nil {
		t.Fatalf("%s returns neither a transaction nor an error", call)
	}
	return got
}

func TestHole4_9PayMany(t *testing.T) {
	random := rand.New(rand.NewSource(55))
	people := []string{bob, carol, mia, alice, mallory}
	for range 500 {
		coins := randomCoins(random, alice, 1+random.Intn(8))
		all := sumOf(coins)
		amount := 1 + random.Intn(all)
		if random.Intn(4) == 0 {
			amount = all
		}

		// The amount in one to five outputs.
		var outs []TXOutput
		for rest := amount; rest > 0; {
			value := 1 + random.Intn(rest)
			if len(outs) == 4 {
				value = rest
			}
			outs = append(outs, TXOutput{value, people[random.Intn(len(people))]})
			rest -= value
		}

		got := callPayMany(t, outs, coins)
		if got.err != nil {
			t.Fatalf("pay %v out of %s: %v", outs, list(coins), got.err)
		}

		var want []TXInput
		sum := 0
		for i := 0; sum < amount; i++ {
			want = append(want, TXInput{TxID: coins[i].TxID, Vout: coins[i].Vout})
			sum += coins[i].Value
		}
		if !slices.Equal(got.tx.Vins, want) {
			t.Fatalf("pay %v, %d in all, out of %s spends\n%+v, want\n%+v", outs, amount, list(coins), got.tx.Vins, want)
		}
		wantOuts := slices.Clone(outs)
		if sum > amount {
			wantOuts = append(wantOuts, TXOutput{sum - amount, alice})
		}
		if !slices.Equal(got.tx.Vouts, wantOuts) {
			t.Fatalf("pay %v, %d in all, out of %d coins that hold %d, makes\n%v, want\n%v", outs, amount, len(want), sum, got.tx.Vouts, wantOuts)
		}
		if name := nameOfTx(got.tx); got.tx.TxID != name {
			t.Fatalf("the transaction is called %q, want %q, which is its hash", got.tx.TxID, name)
		}
	}
}

func TestHole4_9BadAmounts(t *testing.T) {
	coins := []Coin{coinOf(reward(alice, 0), 0), coinOf(reward(alice, 1), 0)}
	for _, values := range [][]int{
		{}, {0}, {-500}, {100, 0}, {0, 100}, {100, 0, 100}, {-500, 700}, {700, -500}, {600, -1, 600}, {2500, -500}, {-1, -1}, {1, math.MinInt},
	} {
		if got := callPayMany(t, outputs(values), coins); got.err == nil {
			t.Errorf("pay %v out of 2000: there's no error; want one", values)
		}
	}
}

func TestHole4_9NotEnough(t *testing.T) {
	coins := []Coin{coinOf(reward(alice, 0), 0), coinOf(reward(alice, 1), 0)}
	for _, values := range [][]int{
		{2001}, {2000, 1}, {1, 2000}, {1000, 1000, 1}, {1500, 1500}, {700, 700, 700}, {math.MaxInt, math.MaxInt}, {math.MaxInt, math.MaxInt, 3},
	} {
		if got := callPayMany(t, outputs(values), coins); !errors.Is(got.err, errNotEnough) {
			t.Errorf("pay %v out of 2000: the error is %v, want one that wraps errNotEnough", values, got.err)
		}
	}
	if got := callPayMany(t, outputs([]int{1}), nil); !errors.Is(got.err, errNotEnough) {
		t.Errorf("pay 1 out of no coins: the error is %v, want one that wraps errNotEnough", got.err)
	}
}

// outputs are outputs of these values, for Bob.
func outputs(values []int) (outs []TXOutput) {
	for _, value := range values {
		outs = append(outs, TXOutput{value, bob})
	}
	return outs
}
