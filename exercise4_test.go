//go:build exercise

package main

import (
	"cmp"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
)

// The exercises of docs/04-transactions-1.md. The functions are yours to fill
// in; the tests below say when they are right.

// largestFirst yields coins by value, the largest first, and leaves the slice
// as it is.
func largestFirst(coins []Coin) iter.Seq[Coin] {
	return func(yield func(Coin) bool) {}
}

// feeOf returns what tx spends beyond what it pays. In Bitcoin the difference
// is the fee. A coinbase has none. A coin that find does not know is an
// ErrNoCoin, and a transaction that pays more than it spends an ErrOverspend.
func feeOf(tx *Transaction, find func(OutPoint) (Coin, bool)) (int64, error) {
	return 0, nil
}

// payMany returns a signed transaction from w that makes all outputs and pays
// the rest back to w, out of as few of the first coins as will do. If they do
// not suffice the error wraps ErrNotEnough.
func payMany(w *Wallet, outs []TXOutput, coins iter.Seq[Coin]) (*Transaction, error) {
	return nil, nil
}

// exerciseCoins returns n coins of w with random values.
func exerciseCoins(t *testing.T, rnd *rand.Rand, w *Wallet, n int) (coins []Coin) {
	t.Helper()
	parent := mine(t, nil, w, 0)
	for i := range n {
		b := mine(t, parent, w, i)
		c := coin(t, b.Transactions[0], 0)
		c.Value = 1 + rnd.Int64N(1000)
		coins = append(coins, c)
	}
	return coins
}

func TestExercise4LargestFirst(t *testing.T) {
	w, to := testWallet(t, 0), testWallet(t, 1).Address()
	rnd := rand.New(rand.NewPCG(4, 1))
	all := exerciseCoins(t, rnd, w, 20)
	for n := 1; n <= len(all); n++ {
		coins := all[:n]
		sorted := slices.SortedFunc(slices.Values(coins), func(a, b Coin) int { return cmp.Compare(b.Value, a.Value) })
		before := slices.Clone(coins)
		var sum, amount int64
		for want, c := range sorted {
			sum += c.Value
			amount = sum - rnd.Int64N(c.Value) // needs this coin too
			tx, err := NewTransaction(w, to, amount, largestFirst(coins))
			if err != nil {
				t.Fatalf("pay %d out of %d coins: %v", amount, n, err)
			}
			if got := len(tx.Vins); got != want+1 {
				t.Fatalf("pay %d out of %d coins: %d inputs, want %d", amount, n, got, want+1)
			}
		}
		if !slices.Equal(coins, before) {
			t.Fatal("the slice is changed")
		}
	}
}

func TestExercise4Fee(t *testing.T) {
	w, to := testWallet(t, 0), testWallet(t, 1).Address()
	coinbase := mine(t, nil, w, 0).Transactions[0]
	c := coin(t, coinbase, 0)
	find := func(o OutPoint) (Coin, bool) { return c, o == c.OutPoint }
	exact := pay(t, w, to, 300, c)
	generous := pay(t, w, to, 300, c)
	generous.Vouts[1].Value -= 7
	twice := pay(t, w, to, 300, c)
	twice.Vouts[1].Value = 1000
	foreign := pay(t, w, to, 1, coin(t, mine(t, nil, w, 1).Transactions[0], 0))
	tests := []struct {
		name string
		tx   *Transaction
		want int64
		err  error
	}{
		{"no fee", exact, 0, nil},
		{"7 left over", generous, 7, nil},
		{"coinbase", coinbase, 0, nil},
		{"more than it spends", twice, 0, ErrOverspend},
		{"unknown coin", foreign, 0, ErrNoCoin},
	}
	for _, tt := range tests {
		got, err := feeOf(tt.tx, find)
		if !errors.Is(err, tt.err) || err == nil && got != tt.want {
			t.Errorf("%s: got %d, %v, want %d, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestExercise4PayMany(t *testing.T) {
	w := testWallet(t, 0)
	coins := exerciseCoins(t, rand.New(rand.NewPCG(4, 3)), w, 5)
	base := func(o OutPoint) (Coin, bool) {
		i := slices.IndexFunc(coins, func(c Coin) bool { return c.OutPoint == o })
		if i < 0 {
			return Coin{}, false
		}
		return coins[i], true
	}
	var all int64
	for _, c := range coins {
		all += c.Value
	}
	for _, rest := range []int64{all - 3, 500, 1, 0} {
		outs := []TXOutput{
			{1, testWallet(t, 1).Address()}, {1, testWallet(t, 2).Address()}, {all - rest - 2, testWallet(t, 3).Address()},
		}
		tx, err := payMany(w, slices.Clone(outs), slices.Values(coins))
		if err != nil || tx == nil {
			t.Fatalf("pay %d of %d: %v, %v", all-rest, all, tx, err)
		}
		if len(tx.Vouts) < 3 || !slices.Equal(tx.Vouts[:3], outs) {
			t.Errorf("outputs are %v, want %v first", tx.Vouts, outs)
		}
		if err := tx.Check(); err != nil {
			t.Error(err)
		}
		view := NewCoinView(base)
		if err := view.Apply(tx); err != nil {
			t.Error(err)
		}
		var spent, paid int64
		for _, c := range view.spent {
			spent += c.Value
		}
		for _, out := range tx.Vouts {
			paid += out.Value
		}
		if last := view.spent[len(view.spent)-1]; spent != paid || spent-last.Value >= all-rest {
			t.Errorf("pay %d: spends %d in %d coins and pays %d", all-rest, spent, len(view.spent), paid)
		}
	}
	short := []TXOutput{{all, testWallet(t, 1).Address()}, {1, testWallet(t, 2).Address()}}
	if _, err := payMany(w, short, slices.Values(coins)); !errors.Is(err, ErrNotEnough) {
		t.Errorf("pay %d of %d: %v, want ErrNotEnough", all+1, all, err)
	}
}
