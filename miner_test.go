package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// B5: a transaction of two inputs is mined once, and what shares one of its
// coins goes with it, even if its other coin is fresh.
func TestTwoInputsAreMinedOnce(t *testing.T) {
	v := newVictim(t)
	two := v.payment(t) // coins 1 and 2
	shares := pay(t, v.alice, v.bob.Address(), 1200, v.coins[2], v.coins[3])
	fresh := pay(t, v.alice, v.bob.Address(), 800, v.coins[4])
	if _, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{rawTx(t, two), rawTx(t, shares), rawTx(t, fresh)}); err != nil {
		t.Fatal(err)
	}
	v.bc.onChange = v.pool.Update
	waiting := v.pool.Transactions()[0]
	if _, err := v.pool.wallets.Create(); err != nil {
		t.Fatal(err)
	}
	m := v.pool.mineBlock(context.Background())
	if m.Err != nil || m.Dropped != 1 {
		t.Fatalf("mined %v, want one dropped", m)
	}
	if got, want := txids(m.Block.Transactions[1:]), txids([]*Transaction{waiting, two, fresh}); !slices.Equal(got, want) {
		t.Errorf("block has %v, want %v", got, want)
	}
	if got := v.pool.Transactions(); len(got) != 0 {
		t.Errorf("pool has %v, want none", txids(got))
	}
	checkWhole(t, v.bc)
}

// B19: a block that a peer delivers while ours is being mined stops the work,
// and what it confirms is not mined again.
func TestTipMovesWhileMining(t *testing.T) {
	v := newVictim(t)
	v.bc.onChange = v.pool.Update
	if _, err := v.pool.wallets.Create(); err != nil {
		t.Fatal(err)
	}
	b, _, err := v.pool.template()
	if err != nil || len(b.Transactions) != 2 {
		t.Fatalf("template is %v, error %v", b, err)
	}
	moved := v.bc.Changed()
	theirs := mine(t, v.tip, v.bob, 9, b.Transactions[1])
	add(t, v.bc, theirs)
	if !isClosed(moved) {
		t.Error("nobody told the miner")
	}
	if m := v.pool.mineBlock(context.Background()); m.Block != nil || m.Err != nil || m.Dropped != 0 {
		t.Errorf("mined %v, want nothing left", m)
	}
	ours := work(t, b) // too late: no higher than the tip
	add(t, v.bc, ours)
	if got := tipOf(t, v.bc); got.ref() != theirs.ref() {
		t.Errorf("tip is %v, want the first seen, %v", got.ref(), theirs.ref())
	}
	again := mine(t, theirs, v.bob, 9, b.Transactions[1])
	if err := v.bc.AddBlocks(context.Background(), raws(again)); !errors.Is(err, ErrNoCoin) {
		t.Errorf("the same transaction in the next block: %v, want ErrNoCoin", err)
	}
}

// B22: a transaction that can never be mined is dropped when mining comes to
// it, and the others are mined.
func TestOneBadTransactionDoesNotStopMining(t *testing.T) {
	v := newVictim(t)
	v.bc.onChange = v.pool.Update
	bad := pay(t, v.alice, v.bob.Address(), 1, v.coins[0]) // spent long ago: no door lets it in
	v.pool.mu.Lock()
	v.pool.txs = append([]*Transaction{bad}, v.pool.txs...)
	v.pool.mu.Unlock()
	if _, err := v.pool.wallets.Create(); err != nil {
		t.Fatal(err)
	}
	if m := v.pool.mineBlock(context.Background()); m.Err != nil || m.Block == nil || m.Dropped != 1 {
		t.Errorf("mined %v, want a block, and one dropped", m)
	}
	if got := v.pool.Transactions(); len(got) != 0 {
		t.Errorf("pool has %v, want none", txids(got))
	}
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

// B44: that mining failed is said, and why.
func TestMiningErrorIsTold(t *testing.T) {
	for _, err := range []error{ErrNoWallet, ErrStopped, context.Canceled} {
		if s := (Mined{Err: err}).String(); !strings.Contains(s, err.Error()) {
			t.Errorf("%q does not say %q", s, err)
		}
	}
	n := quietNode(t, 1)
	cli := &Cli{n}
	rich, other := call(t, cli.CreateGenesisBlock, ""), call(t, cli.CreateWallet, "")
	n.chain.now = func() time.Time { return time.Unix(1_000_000_000, 0).Add(-maxFuture) } // a clock set back
	if hint := call(t, cli.Send, SendArgs{rich, other, 1}); !strings.Contains(hint, "mined block 1") {
		t.Errorf("hint is %q", hint)
	}
	if err := n.chain.Close(); err != nil {
		t.Fatal(err)
	}
	var hint string
	if err := cli.Send(SendArgs{rich, other, 1}, &hint); err == nil {
		t.Errorf("a send without a database: %q", hint)
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
