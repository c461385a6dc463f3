package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// runPool returns a running pool of 2 on top of a chain whose genesis block
// pays 1000 coins to w, and that block. Its grace period is 5 s.
func runPool(t *testing.T, w *Wallet, rewarded ...*Wallet) (*TxPool, *Block) {
	t.Helper()
	genesis := mine(t, nil, w, 0)
	bc := newChain(t)
	bc.now = func() time.Time { return vectorTime }
	add(t, bc, genesis)
	p := NewTxPool(bc, &Wallets{path: filepath.Join(t.TempDir(), "wallet.dat"), list: rewarded}, 2, 5*time.Second, false,
		slog.New(slog.DiscardHandler))
	bc.onChange = p.Update
	ctx, cancel := context.WithCancel(context.Background())
	go p.Run(ctx)
	t.Cleanup(func() {
		cancel()
		<-p.stopped
	})
	return p, genesis
}

// B22: what a peer sends is checked, and counts once; what is wrong with one
// transaction is no harm to the others.
func TestPoolRefuses(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, alice, alice)
	first := coin(t, genesis.Transactions[0], 0)
	good := pay(t, alice, bob.Address(), 100, first)
	other := pay(t, alice, bob.Address(), 200, first)
	theft := pay(t, bob, bob.Address(), 1000, first)
	unknown := pay(t, alice, bob.Address(), 1, coin(t, good, 1)) // pooled, not confirmed
	greedy := pay(t, alice, bob.Address(), 100, first)
	greedy.Vouts[1].Value = 1000
	greedy.Sign(alice)
	large := pay(t, alice, bob.Address(), 100, first)
	large.Vouts = slices.Repeat(large.Vouts, maxTx/100)
	large.Sign(alice)
	send := func(txs ...json.RawMessage) (int, error) {
		t.Helper()
		added, err := p.AddTransactions(context.Background(), txs)
		return len(added), err
	}
	raw := func(tx *Transaction) json.RawMessage { return tx.AppendJSON(nil) }
	for _, tt := range []struct {
		name string
		tx   json.RawMessage
		want error
	}{
		{"theft", raw(theft), ErrNotOwner},
		{"more out than in", raw(greedy), ErrOverspend},
		{"coin of the pool", raw(unknown), ErrNoCoin},
		{"larger than a block", raw(large), ErrTxTooBig},
		{"coinbase", raw(NewCoinbase(bob.Address(), time.Unix(0, 0))), ErrCoinbase},
		{"not a transaction", json.RawMessage(`{"txid": 1}`), ErrMalformed},
		{"null", json.RawMessage(`null`), ErrMalformed},
	} {
		if added, err := send(tt.tx); added != 0 || !errors.Is(err, tt.want) {
			t.Errorf("%s: %d added, %v, want %v", tt.name, added, err, tt.want)
		}
	}
	if added, err := send(raw(theft), raw(good), raw(good)); added != 1 || !errors.Is(err, ErrNotOwner) {
		t.Errorf("one good among bad ones: %d added, %v", added, err)
	}
	if added, err := send(raw(good)); added != 0 || err != nil {
		t.Errorf("again: %d added, %v", added, err)
	}
	if err := p.Add(t.Context(), good, false); !errors.Is(err, ErrPooled) { // another peer's, at the same time
		t.Errorf("again: %v, want ErrPooled", err)
	}
	p.pending = true // for own payments only: a peer's confirmed coins are the same everywhere
	if added, err := send(raw(unknown)); added != 0 || !errors.Is(err, ErrNoCoin) {
		t.Errorf("coin of the pool: %d added, %v", added, err)
	}
	p.pending, p.bytes = false, p.bytes+poolMaxBytes
	if added, err := send(raw(other)); added != 0 || !errors.Is(err, ErrPoolFull) {
		t.Errorf("one more, beside 16 MiB: %d added, %v", added, err)
	}
	p.bytes -= poolMaxBytes
	if added, err := send(raw(other)); added != 1 || err != nil {
		t.Errorf("second spend of one coin: %d added, %v", added, err)
	}
	if m := p.Mine(); m.Err != nil || m.Block == nil || m.Dropped != 1 {
		t.Errorf("mined %v", m)
	}
	if added, err := send(raw(good)); added != 0 || err != nil {
		t.Errorf("a confirmed one: %d added, %v", added, err)
	}
}

// A block and the payment that it confirms arrive at once: whichever comes
// first, the payment does not stay in the pool.
func TestPaymentArrivesWithItsBlock(t *testing.T) {
	alice := testWallet(t, 0)
	bc := newChain(t)
	pool := followingPool(t, bc, slog.NewTextHandler(io.Discard, nil))
	tip := mine(t, nil, alice, 0)
	add(t, bc, tip)
	for range 100 {
		tx := pay(t, alice, alice.Address(), 1, coin(t, tip.Transactions[0], 0))
		tip = mine(t, tip, alice, 0, tx)
		var adding sync.WaitGroup
		adding.Go(func() { pool.AddTransactions(context.Background(), []json.RawMessage{tx.AppendJSON(nil)}) })
		add(t, bc, tip)
		adding.Wait()
		if pool.Has(tx.TxID) {
			t.Fatalf("block %d confirms a payment that is still in the pool", tip.Header.Height)
		}
	}
}

// B20: without a wallet nobody can be paid. The pool waits, and says so.
func TestMineWithoutWallet(t *testing.T) {
	alice := testWallet(t, 0)
	p, genesis := runPool(t, alice)
	for amount := int64(1); amount <= 2; amount++ {
		if err := p.Add(context.Background(), pay(t, alice, alice.Address(), amount, coin(t, genesis.Transactions[0], 0)), true); err != nil {
			t.Fatal(err)
		}
	}
	if m := p.Mine(); !errors.Is(m.Err, ErrNoWallet) || m.Block != nil {
		t.Errorf("mined %v, want %v", m, ErrNoWallet)
	}
	if got := len(p.Transactions()); got != 2 {
		t.Errorf("pool has %d transactions, want 2", got)
	}
	if _, err := p.wallets.Create(); err != nil {
		t.Fatal(err)
	}
	if m := p.Mine(); m.Err != nil || m.Block == nil {
		t.Errorf("with a wallet: mined %v", m)
	}
}

// B19: a node whose peers filled the pool lets them mine it first, for one
// grace period, and mines only if they do not.
func TestGrace(t *testing.T) {
	for _, delivered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			alice, bob := testWallet(t, 0), testWallet(t, 1)
			p, genesis := runPool(t, alice, bob)
			c := coin(t, genesis.Transactions[0], 0)
			txs := []*Transaction{pay(t, alice, bob.Address(), 1, c), pay(t, alice, bob.Address(), 2, c)}
			var raws []json.RawMessage
			for _, tx := range txs {
				raws = append(raws, tx.AppendJSON(nil))
			}
			if added, err := p.AddTransactions(context.Background(), raws); len(added) != 2 || err != nil {
				t.Fatalf("%d added, %v", len(added), err)
			}
			time.Sleep(5*time.Second - 1)
			synctest.Wait()
			if got := tipOf(t, p.bc).Header.Height; got != 0 {
				t.Errorf("height %d within the grace period, want 0", got)
			}
			miner := bob
			if delivered {
				add(t, p.bc, mine(t, genesis, alice, 0, txs[0]))
				miner = alice
			}
			time.Sleep(5 * time.Second)
			synctest.Wait()
			tip := tipOf(t, p.bc)
			paid := tip.Transactions[0].Vouts[0].PubKeyHash
			confirmed := slices.ContainsFunc(tip.Transactions, func(tx *Transaction) bool { return tx.TxID == txs[0].TxID })
			if tip.Header.Height != 1 || paid != miner.Address() || !confirmed {
				t.Errorf("delivered %t: block %d pays %s, want block 1, which pays %s", delivered, tip.Header.Height, paid, miner.Address())
			}
			if got := p.Transactions(); len(got) != 0 {
				t.Errorf("delivered %t: pool has %d transactions, want none", delivered, len(got))
			}
		})
	}
}

// Peers can fill the pool with payments of one coin, at next to no cost. That
// does not keep an own payment out, nor out of the next block.
func TestOwnPaymentInFullPool(t *testing.T) {
	alice, mallory := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, mallory, alice)
	b := mine(t, genesis, alice, 0)
	add(t, p.bc, b)
	junk := pay(t, mallory, mallory.Address(), 1, coin(t, genesis.Transactions[0], 0))
	if err := p.Add(context.Background(), junk, false); err != nil {
		t.Fatal(err)
	}
	for amount := int64(2); len(p.txs) < poolMax; amount++ { // not signed, which would take long: none of them is mined
		tx := *junk
		tx.Vouts = []TXOutput{{amount % 1000, mallory.Address()}}
		p.txs = append(p.txs, &tx)
	}
	peers := pay(t, alice, alice.Address(), 1, coin(t, b.Transactions[0], 0))
	if err := p.Add(context.Background(), peers, false); !errors.Is(err, ErrPoolFull) {
		t.Errorf("a peer's payment: %v, want ErrPoolFull", err)
	}
	own := pay(t, alice, mallory.Address(), 7, coin(t, b.Transactions[0], 0))
	if err := p.Add(context.Background(), own, true); err != nil {
		t.Fatal(err)
	}
	if m := p.Mine(); m.Block == nil || len(m.Block.Transactions) != 3 || m.Block.Transactions[2].TxID != own.TxID {
		t.Errorf("%v, without the own payment", m)
	}
}

// A pool that holds more than one block does is mined to the end, though
// nothing more arrives.
func TestPoolOfManyBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice, bob := testWallet(t, 0), testWallet(t, 1)
		p, tip := runPool(t, alice, bob)
		var raws []json.RawMessage
		for i := range 20 {
			tx := pay(t, alice, bob.Address(), 1000, coin(t, tip.Transactions[0], 0))
			tx.Vouts = slices.Repeat([]TXOutput{{1, bob.Address()}}, 1000) // 67 kB
			tx.Sign(alice)
			raws = append(raws, tx.AppendJSON(nil))
			tip = mine(t, tip, alice, i)
			add(t, p.bc, tip)
		}
		if added, err := p.AddTransactions(context.Background(), raws); len(added) != len(raws) || err != nil {
			t.Fatalf("%d added, %v", len(added), err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := p.Transactions(); len(got) != 0 {
			t.Errorf("%d transactions wait in a full pool", len(got))
		}
	})
}

// A peer that fills the pool, and then makes one empty block after another,
// does not keep the node from mining.
func TestGraceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice, bob := testWallet(t, 0), testWallet(t, 1)
		p, tip := runPool(t, alice, bob)
		c := coin(t, tip.Transactions[0], 0)
		for i := range 5 {
			var raws []json.RawMessage
			for amount := range int64(2) {
				raws = append(raws, pay(t, alice, bob.Address(), int64(2*i+1)+amount, c).AppendJSON(nil))
			}
			if added, err := p.AddTransactions(context.Background(), raws); len(added) != 2 || err != nil {
				t.Fatalf("%d added, %v", len(added), err)
			}
			time.Sleep(4 * time.Second)
			if synctest.Wait(); len(p.Transactions()) == 0 {
				return
			}
			tip = mine(t, tip, alice, 0)
			add(t, p.bc, tip)
			synctest.Wait()
		}
		t.Errorf("after 20 s %d transactions wait in a full pool", len(p.Transactions()))
	})
}

// An own payment that a full pool has taken does not fall out of it when a
// peer's block comes.
func TestOwnPaymentStaysInFullPool(t *testing.T) {
	alice, mallory := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, mallory)
	b := mine(t, genesis, alice, 0)
	add(t, p.bc, b)
	junk := pay(t, mallory, mallory.Address(), 1, coin(t, genesis.Transactions[0], 0))
	for i := range poolMax { // not signed, which would take long: none of them is mined
		tx := *junk
		tx.TxID = sha256Hex(fmt.Append(nil, i))
		p.txs = append(p.txs, &tx)
	}
	own := pay(t, alice, mallory.Address(), 7, coin(t, b.Transactions[0], 0))
	if err := p.Add(context.Background(), own, true); err != nil {
		t.Fatal(err)
	}
	add(t, p.bc, mine(t, b, alice, 0))
	if !p.Has(own.TxID) {
		t.Error("it is gone")
	}
}

// A context that is asked whether it has ended, and takes the time to do something.
type busyContext struct {
	context.Context
	once sync.Once
	do   func()
}

func (c *busyContext) Err() error {
	c.once.Do(c.do)
	return nil
}

// When a peer's block confirms one of two payments while we mine both, what is
// left is not enough for a block: it waits for the next payment.
func TestPoolIsNoLongerFullWhenTheTipMoves(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, alice, bob)
	tip := mine(t, genesis, alice, 0)
	add(t, p.bc, tip)
	var txs []*Transaction
	for i, b := range []*Block{genesis, tip} {
		txs = append(txs, pay(t, alice, bob.Address(), 1, coin(t, b.Transactions[0], 0)))
		if err := p.Add(t.Context(), txs[i], true); err != nil {
			t.Fatal(err)
		}
	}
	theirs := mine(t, tip, alice, 1, txs[0])
	ctx := &busyContext{Context: t.Context(), do: func() { add(t, p.bc, theirs) }} // after the work, before the block is added
	if m := p.mineBlock(ctx); m.Block != nil || m.Err != nil {
		t.Errorf("%v, want no block", m)
	}
	if got := p.Transactions(); len(got) != 1 || got[0].TxID != txs[1].TxID {
		t.Errorf("%d transactions are left, want the second", len(got))
	}
}

// Blocks of two branches may be taken off in one change, and hold the same
// payment. It returns to the pool once.
func TestReturnedOnce(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, alice)
	tx := pay(t, alice, bob.Address(), 1, coin(t, genesis.Transactions[0], 0))
	a, b := mine(t, genesis, alice, 0, tx), mine(t, genesis, alice, 1, tx)
	c := mine(t, genesis, alice, 2)
	add(t, p.bc, c) // the tip: a and b are beside it
	add(t, p.bc, a)
	add(t, p.bc, b)
	p.Update(Change{Removed: []blockRef{a.ref(), b.ref()}, Added: []blockRef{c.ref()}})
	if got := p.Transactions(); len(got) != 1 {
		t.Errorf("%d transactions in the pool, want 1", len(got))
	}
}
