package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// The Python program's chain, in one batch and block by block, gives its
// balances and its UTXO set.
func TestVectorChain(t *testing.T) {
	v := readVectors(t)
	all, oneByOne := newChain(t), newChain(t)
	if err := all.AddBlocks(context.Background(), v.Blocks); err != nil {
		t.Fatal(err)
	}
	for _, raw := range v.Blocks {
		if err := oneByOne.AddBlocks(context.Background(), []json.RawMessage{raw}); err != nil {
			t.Fatal(err)
		}
	}
	for address, want := range v.Balances {
		if got := balanceOf(t, all, address); got != want {
			t.Errorf("%s has %d, want %d", address, got, want)
		}
	}
	want := make(map[Coin]bool)
	for _, raw := range v.UTXO {
		var c Coin
		var address string
		if err := json.Unmarshal(raw, &[]any{&c.TxID, &c.Vout, &c.Value, &address}); err != nil {
			t.Fatal(err)
		}
		var err error
		if c.Owner, err = ParseAddress(address); err != nil {
			t.Fatal(err)
		}
		want[c] = true
	}
	for _, bc := range []*Blockchain{all, oneByOne} {
		if got := coins(t, bc); !maps.Equal(got, want) {
			t.Errorf("UTXO set has %d coins, want %d: %v", len(got), len(want), got)
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	add(t, bc, vectorBlocks(t)...)
	tip, set := tipOf(t, bc), coins(t, bc)
	if _, err := OpenBlockchain(path, bc.log); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v, want ErrInUse", err)
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	bc = openChain(t, path)
	if got := tipOf(t, bc); got.Header != tip.Header {
		t.Errorf("tip is %+v, want %+v", got.Header, tip.Header)
	}
	if got := coins(t, bc); !maps.Equal(got, set) {
		t.Errorf("UTXO set is %v, want %v", got, set)
	}
}

// B15, B16, B17, B18: a longer branch replaces ours in one step, coins it does
// not spend are restored, and it may spend coins of its own.
func TestSwitchBranch(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	a1 := mine(t, genesis, w, 1, pay(t, w, testWallet(t, 1).Address(), 100, coin(t, genesis.Transactions[0], 0)))
	b1 := mine(t, genesis, w, 2)
	b2 := mine(t, b1, w, 2, pay(t, w, testWallet(t, 2).Address(), 5, coin(t, b1.Transactions[0], 0)))

	bc := newChain(t)
	add(t, bc, genesis, a1)
	before := coins(t, bc)
	add(t, bc, b1)
	if got := tipOf(t, bc); got.ref() != a1.ref() {
		t.Errorf("tip is %v, want the first seen, %v", got.ref(), a1.ref())
	}
	var change Change
	bc.onChange = func(c Change) { change = c }
	add(t, bc, b2)
	if got := tipOf(t, bc); got.ref() != b2.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), b2.ref())
	}
	if len(change.Removed) != 1 || change.Removed[0] != a1.ref() || len(change.Added) != 2 {
		t.Errorf("change is %v", change)
	}
	want := newChain(t)
	add(t, want, genesis, b1, b2)
	if got := coins(t, bc); !maps.Equal(got, coins(t, want)) {
		t.Errorf("UTXO set is %v, want %v", got, coins(t, want))
	}
	a2 := mine(t, a1, w, 1)
	add(t, bc, a2, mine(t, a2, w, 1)) // and back
	if got := balanceOf(t, bc, testWallet(t, 1).Address()); got != 100 {
		t.Errorf("payee has %d, want 100", got)
	}
	for c := range before {
		if !coins(t, bc)[c] {
			t.Errorf("%v is lost", c)
		}
	}
}

// A longer branch with an invalid block changes nothing beyond its valid part.
func TestSwitchToInvalidBranch(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	a1 := mine(t, genesis, w, 1)
	b1 := mine(t, genesis, w, 2)
	b2 := mine(t, b1, w, 2)
	theft := pay(t, testWallet(t, 1), testWallet(t, 1).Address(), 1000, coin(t, genesis.Transactions[0], 0))
	b3 := mine(t, b2, w, 2, theft)
	b4 := mine(t, b3, w, 2)

	t.Run("valid part is longer", func(t *testing.T) {
		bc := newChain(t)
		add(t, bc, genesis, a1)
		err := bc.AddBlocks(context.Background(), raws(b1, b2, b3, b4))
		if !errors.Is(err, ErrNotOwner) {
			t.Errorf("error is %v, want ErrNotOwner", err)
		}
		if got := tipOf(t, bc); got.ref() != b2.ref() {
			t.Errorf("tip is %v, want %v", got.ref(), b2.ref())
		}
	})
	t.Run("valid part is not longer", func(t *testing.T) {
		bc := newChain(t)
		a2 := mine(t, a1, w, 1)
		add(t, bc, genesis, a1, a2)
		before := coins(t, bc)
		add(t, bc, b1) // kept aside
		err := bc.AddBlocks(context.Background(), raws(b2, b3, b4))
		if !errors.Is(err, ErrNotOwner) {
			t.Errorf("error is %v, want ErrNotOwner", err)
		}
		if got := tipOf(t, bc); got.ref() != a2.ref() || !maps.Equal(coins(t, bc), before) {
			t.Errorf("tip is %v, want %v and no coin moved", got.ref(), a2.ref())
		}
		if err := bc.AddBlocks(context.Background(), raws(b4)); !errors.Is(err, ErrParent) {
			t.Errorf("child of the invalid block: %v, want ErrParent", err)
		}
	})
}

// An endingContext ends when it has been asked so many times whether it has.
type endingContext struct {
	context.Context
	left atomic.Int64
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A node that is told to stop does not first verify what a peer has sent: one
// transaction of a MiB takes seconds, for each of its inputs signs all others.
func TestVerifyingStops(t *testing.T) {
	w := testWallet(t, 0)
	p, genesis := runPool(t, w)
	tx := &Transaction{Vouts: []TXOutput{{1, w.Address()}}}
	for i := range 300 {
		tx.Vins = append(tx.Vins, TXInput{TxID: sha256Hex(fmt.Append(nil, i))})
	}
	tx.Sign(w)
	ctx := &endingContext{Context: t.Context()}
	ctx.left.Store(100)
	if err := p.bc.AddBlocks(ctx, raws(mine(t, genesis, w, 0, tx))); !errors.Is(err, context.Canceled) {
		t.Errorf("block: %v, want context.Canceled", err)
	}
	tip := genesis
	for i := range tx.Vins {
		tx.Vins[i].TxID = tip.Transactions[0].TxID
		tip = mine(t, tip, w, 0)
		add(t, p.bc, tip)
	}
	tx.Sign(w)
	ctx.left.Store(100)
	if _, err := p.AddTransactions(ctx, []json.RawMessage{tx.AppendJSON(nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("transaction: %v, want context.Canceled", err)
	}
}

// The chain may move after blocks are checked and before they are connected:
// of two genesis blocks that arrive at once, the second is refused then.
func TestChainMovesBeforeConnect(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	first, second := mine(t, nil, w, 0), mine(t, nil, w, 1)
	a := mine(t, first, w, 0)
	add(t, bc, first, a)
	before := bucketDump(t, bc)
	if _, err := bc.connect(t.Context(), candidates(t, bc, second, mine(t, second, w, 1))); !errors.Is(err, ErrChainExists) {
		t.Errorf("a second genesis block: %v, want ErrChainExists", err)
	}
	if _, err := bc.connect(t.Context(), candidates(t, bc, first, a)); err != nil {
		t.Errorf("blocks of the chain: %v", err)
	}
	if bucketDump(t, bc) != before {
		t.Error("they left a trace")
	}
}

// Whenever its context ends, AddBlocks either adds a block or says that it did not.
func TestAddBlocksIsCalledOff(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	tip := mine(t, genesis, w, 0)
	add(t, bc, genesis)
	for left := int64(0); tipOf(t, bc).ref() != tip.ref(); left++ {
		ctx := &endingContext{Context: t.Context()}
		ctx.left.Store(left)
		if err := bc.AddBlocks(ctx, raws(tip)); (err == nil) != (tipOf(t, bc).ref() == tip.ref()) || left > 100 {
			t.Fatalf("ended when asked %d times: error %v, tip %v", left, err, tipOf(t, bc).ref())
		}
	}
}
