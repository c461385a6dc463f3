// dir: .

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

// A feeTest is a chain on which Alice has 1000 coins, in block 0.
type feeTest struct {
	*story
	t *testing.T
}

func newFeeTest(t *testing.T) *feeTest {
	t.Helper()
	s, err := newStory(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return &feeTest{s, t}
}

// spend returns a signed payment from one person to another, of the first output of
// tx or of another one. What it does not pay to anybody is the fee.
func (f *feeTest) spend(tx *Transaction, vout int, from, to string, amount, fee int64) *Transaction {
	f.t.Helper()
	coin := Coin{OutPoint: OutPoint{tx.TxID, vout}, Value: tx.Vouts[vout].Value, Owner: hash160(f.people[from].pubKey)}
	payment, err := NewTransaction(f.people[from], f.people[to].Address(), amount, func(yield func(Coin) bool) { yield(coin) })
	if err != nil {
		f.t.Fatal(err)
	}
	if fee > 0 {
		last := len(payment.Vouts) - 1
		payment.Vouts[last].Value -= fee
		payment.Sign(f.people[from])
		payment.TxID = payment.ID()
	}
	return payment
}

// block returns a block on top of the tip, whose coinbase pays Bob so much.
func (f *feeTest) block(value int64, txs ...*Transaction) *Block {
	f.t.Helper()
	return f.blockOn(tipOf(f.t, f.bc), value, txs...)
}

func (f *feeTest) blockOn(parent *Block, value int64, txs ...*Transaction) *Block {
	f.t.Helper()
	coinbase := NewCoinbase(f.people["Bob"].Address(), f.now)
	coinbase.Vouts[0].Value = value
	coinbase.TxID = coinbase.ID()
	b := NewBlock(&parent.Header, append([]*Transaction{coinbase}, txs...), f.now)
	if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	return b
}

func (f *feeTest) offer(b *Block) error {
	return f.bc.AddBlocks(context.Background(), []json.RawMessage{b.AppendJSON(nil)})
}

// A block may take the subsidy and its fees, or less, and not a coin more.
func TestHole8_1(t *testing.T) {
	for _, tt := range []struct {
		name string
		fees []int64 // of payments that spend each other's change
		more int64   // than Subsidy
		ok   bool
	}{
		{"no payment, nothing more than the subsidy", nil, 0, true},
		{"no payment, and a coin more than the subsidy", nil, 1, false},
		{"a payment without a fee, and a coin more", []int64{0}, 1, false},
		{"a fee of 10, all taken", []int64{10}, 10, true},
		{"a fee of 10, and 11 taken", []int64{10}, 11, false},
		{"a fee of 10, half of it taken", []int64{10}, 5, true},
		{"a fee of 10, and only half of the subsidy taken", []int64{10}, -500, true},
		{"fees of 10, 0 and 7, all taken", []int64{10, 0, 7}, 17, true},
		{"fees of 10, 0 and 7, and one more taken", []int64{10, 0, 7}, 18, false},
		{"a fee of 700", []int64{700}, 700, true},
	} {
		f := newFeeTest(t)
		genesis := tipOf(t, f.bc).Transactions[0]
		var txs []*Transaction
		last, vout := genesis, 0
		for _, fee := range tt.fees {
			tx := f.spend(last, vout, "Alice", "Bob", 100, fee)
			txs = append(txs, tx)
			last, vout = tx, 1
		}

		err := f.offer(f.block(Subsidy+tt.more, txs...))
		switch {
		case tt.ok && err != nil:
			t.Errorf("%s: the block should be taken. It's refused: %v", tt.name, err)
		case !tt.ok && !errors.Is(err, ErrCoinbase):
			t.Errorf("%s: the error is %v, want ErrCoinbase", tt.name, err)
		case !tt.ok && tipOf(t, f.bc).Header.Height != 0:
			t.Errorf("%s: the block is refused, and yet it's on the chain", tt.name)
		}
	}
}

// The coinbase may pay several, as long as the sum is right.
func TestHole8_1Sum(t *testing.T) {
	for _, tt := range []struct {
		second int64
		ok     bool
	}{{10, true}, {11, false}, {Subsidy, false}} {
		f := newFeeTest(t)
		tx := f.spend(tipOf(t, f.bc).Transactions[0], 0, "Alice", "Bob", 100, 10)
		b := f.block(Subsidy, tx)
		coinbase := b.Transactions[0]
		coinbase.Vouts = append(coinbase.Vouts, TXOutput{Value: tt.second, PubKeyHash: f.people["Alice"].Address()})
		coinbase.TxID = coinbase.ID()
		b = NewBlock(&tipOf(t, f.bc).Header, b.Transactions, f.now)
		if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := f.offer(b); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrCoinbase) {
			t.Errorf("a fee of 10, and a coinbase that pays %d and %d: the error is %v", Subsidy, tt.second, err)
		}
	}
}

// Our own miner takes all fees of what is in its block, and no others.
func TestHole8_1Mine(t *testing.T) {
	for _, fees := range [][]int64{{0}, {10}, {300}} {
		f := newFeeTest(t)
		genesis := tipOf(t, f.bc).Transactions[0]
		var sum int64
		for _, fee := range fees {
			if err := f.pool.Add(context.Background(), f.spend(genesis, 0, "Alice", "Bob", 100, fee), true); err != nil {
				t.Fatal(err)
			}
			sum += fee
		}
		rival := f.spend(genesis, 0, "Alice", "Bob", 200, 90) // spends the same coin, and is dropped
		if err := f.pool.Add(context.Background(), rival, true); err != nil {
			t.Fatal(err)
		}

		m := f.pool.Mine()
		if m.Err != nil || m.Block == nil {
			t.Fatalf("a payment with a fee of %d waits, and a rival that will be dropped. Mining says: %v", sum, m)
		}
		if got := m.Block.Transactions[0].Vouts[0].Value; got != Subsidy+sum {
			t.Errorf("the block has one payment, with a fee of %d, and another one was dropped: the miner should take %d, and takes %d", sum, Subsidy+sum, got)
		}
		if got, want := m.Block.Transactions[0].TxID, m.Block.Transactions[0].ID(); got != want {
			t.Errorf("the coinbase has the txid %.8s, and should have %.8s", got, want)
		}
		if got, want := balanceOf(t, f.bc, f.people["Alice"].Address()), int64(2*Subsidy-100); got != want {
			t.Errorf("Alice pays the fee and mines it: she should have %d, and has %d", want, got)
		}
	}
}

// An older miner's blocks, without fees, are valid as ever; and fees return with a block
// that is rolled back.
func TestHole8_1RollBack(t *testing.T) {
	f := newFeeTest(t)
	genesis := tipOf(t, f.bc)
	tx := f.spend(genesis.Transactions[0], 0, "Alice", "Bob", 100, 10)
	if err := f.offer(f.block(Subsidy+10, tx)); err != nil {
		t.Fatal(err)
	}

	branch := []*Block{genesis}
	for i := range 2 {
		f.now = f.now.Add(time.Minute)
		b := f.blockOn(branch[i], Subsidy)
		branch = append(branch, b)
		if err := f.offer(b); err != nil {
			t.Fatal(err)
		}
	}
	if got := tipOf(t, f.bc).Header.Height; got != 2 {
		t.Fatalf("a branch without fees, of two blocks: the chain should have height 2, and has %d", got)
	}
	if got := balanceOf(t, f.bc, f.people["Alice"].Address()); got != Subsidy {
		t.Errorf("the block with Alice's payment is off the chain: she should have %d, and has %d", Subsidy, got)
	}
	f.now = f.now.Add(time.Minute)
	if err := f.offer(f.block(Subsidy+11, tx)); !errors.Is(err, ErrCoinbase) {
		t.Errorf("a fee of 10, once more, and 11 taken: the error is %v, want ErrCoinbase", err)
	}
	if err := f.offer(f.block(Subsidy+10, tx)); err != nil {
		t.Error(fmt.Errorf("a fee of 10, once more: %w", err))
	}
}
