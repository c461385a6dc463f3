package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// rewardedVictim returns a victim with a wallet for its pool's rewards.
func rewardedVictim(t *testing.T) *victim {
	t.Helper()
	v := newVictim(t)
	if _, err := v.pool.wallets.Create(""); err != nil {
		t.Fatal(err)
	}
	return v
}

// A transaction of two inputs is mined once, and what shares one of its coins
// goes with it, even if its other coin is fresh. The Python program mines the
// first once for each input, and keeps the second for ever.
func TestTwoInputsAreMinedOnce(t *testing.T) {
	v := rewardedVictim(t)
	waiting := v.pool.Transactions()[0]
	two := v.payment(t) // coins 1 and 2
	shares := pay(t, v.alice, v.bob.Address(), 1200, v.coins[2], v.coins[3])
	fresh := pay(t, v.alice, v.bob.Address(), 800, v.coins[4])
	if _, err := v.pool.AddTransactions(context.Background(), rawTxs(two, shares, fresh)); err != nil {
		t.Fatal(err)
	}

	m := v.pool.mineBlock(context.Background(), false)
	if m.Err != nil || len(m.Dropped) != 1 {
		t.Fatalf("mined %v, want one dropped", m)
	}
	if got, want := txids(m.Block.Transactions[1:]), txids([]*Transaction{waiting, two, fresh}); !slices.Equal(got, want) {
		t.Errorf("block has %v, want %v", got, want)
	}
	wantPooled(t, v.pool)
	checkWhole(t, v.bc)
}

// A block that a peer delivers while ours is being mined stops the work, and
// what it confirms is not mined again. Python nodes mine the same payments
// side by side, or again when they are confirmed.
func TestTipMovesWhileMining(t *testing.T) {
	v := rewardedVictim(t)
	ours, _, err := v.pool.template(false)
	if err != nil || len(ours.Transactions) != 2 {
		t.Fatalf("template is %v, error %v", ours, err)
	}
	payment := ours.Transactions[1]
	moved := v.bc.Changed()
	theirs := mine(t, v.tip, v.bob, 9, payment)
	add(t, v.bc, theirs)
	if !isClosed(moved) {
		t.Error("nobody told the miner")
	}
	if m := v.pool.mineBlock(context.Background(), false); m.Block != nil || m.Err != nil || len(m.Dropped) != 0 {
		t.Errorf("mined %v, want nothing left", m)
	}

	add(t, v.bc, work(t, ours)) // too late: no higher than the tip
	wantTip(t, v.bc, theirs)
	refuse(t, v.bc, ErrNoCoin, mine(t, theirs, v.bob, 9, payment)) // once more, in the next block
}

// A transaction that can never be mined is dropped when mining comes to it, and
// the others are mined. In the Python program it stops mining for good.
func TestOneBadTransactionDoesNotStopMining(t *testing.T) {
	v := rewardedVictim(t)
	bad := pay(t, v.alice, v.bob.Address(), 1, v.coins[0]) // spent long ago: no door lets it in
	v.pool.mu.Lock()
	v.pool.txs = append([]*Transaction{bad}, v.pool.txs...)
	v.pool.mu.Unlock()

	if m := v.pool.mineBlock(context.Background(), false); m.Err != nil || m.Block == nil || len(m.Dropped) != 1 {
		t.Errorf("mined %v, want a block, and one dropped", m)
	}
	wantPooled(t, v.pool)
}

// A busyContext takes the time to do something when it is first asked whether
// it has ended.
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
		txs = append(txs, pay(t, alice, bob.Address(), 1, reward(t, b)))
		if err := p.Add(t.Context(), txs[i], true); err != nil {
			t.Fatal(err)
		}
	}

	theirs := mine(t, tip, alice, 1, txs[0])
	ctx := &busyContext{Context: t.Context(), do: func() { add(t, p.bc, theirs) }} // after the work, before the block is added
	if m := p.mineBlock(ctx, false); m.Block != nil || m.Err != nil {
		t.Errorf("%v, want no block", m)
	}
	wantPooled(t, p, txs[1])
}

// Without a wallet nobody can be paid. The pool waits, and says so; in the
// Python program the thread dies.
func TestMineWithoutWallet(t *testing.T) {
	alice := testWallet(t, 0)
	p, genesis := runPool(t, alice)
	for amount := int64(1); amount <= 2; amount++ {
		tx := pay(t, alice, alice.Address(), amount, reward(t, genesis))
		if err := p.Add(context.Background(), tx, true); err != nil {
			t.Fatal(err)
		}
	}

	if m := p.Mine(); !errors.Is(m.Err, ErrNoWallet) || m.Block != nil {
		t.Errorf("mined %v, want %v", m, ErrNoWallet)
	}
	if got := len(p.Transactions()); got != 2 {
		t.Errorf("pool has %d transactions, want 2", got)
	}

	if _, err := p.wallets.Create(""); err != nil {
		t.Fatal(err)
	}
	if m := p.Mine(); m.Err != nil || m.Block == nil {
		t.Errorf("with a wallet: mined %v", m)
	}
}

// That mining failed is said, and why. The Python program swallows it.
func TestMiningErrorIsTold(t *testing.T) {
	for _, err := range []error{ErrNoWallet, ErrStopped, context.Canceled} {
		if s := (Mined{Err: err}).String(); !strings.Contains(s, err.Error()) {
			t.Errorf("%q does not say %q", s, err)
		}
	}

	n := startNode(t, NodeConfig{PoolSize: 1})
	rich, other := n.startChain(), n.createWallet()
	send := []string{"send", "--from", rich, "--to", other, "--amount", "1"}
	n.chain.now = func() time.Time { return time.Unix(1_000_000_000, 0).Add(-maxFuture) } // a clock set back
	if code, _, hint := n.try(send...); code != 0 || !strings.Contains(hint, "mined block 1") {
		t.Errorf("exit code %d, hint is %q", code, hint)
	}

	if err := n.chain.Close(); err != nil {
		t.Fatal(err)
	}
	if code, stdout, hint := n.try(send...); code == 0 {
		t.Errorf("a send without a database: %s%s", stdout, hint)
	}
}

// peerFills puts two payments of one coin into a pool, as a peer hands them
// over, and returns the first.
func peerFills(t *testing.T, p *TxPool, w *Wallet, to string, c Coin, amount int64) (first *Transaction) {
	t.Helper()
	first = pay(t, w, to, amount, c)
	added, err := p.AddTransactions(context.Background(), rawTxs(first, pay(t, w, to, amount+1, c)))
	if len(added) != 2 || err != nil {
		t.Fatalf("%d added, %v", len(added), err)
	}
	return first
}

// A node whose peers filled the pool lets them mine it first, for one grace
// period, and mines only if they do not. Python nodes mine the same pool all at
// once, and split the network.
func TestGrace(t *testing.T) {
	for _, tt := range []struct {
		name      string
		delivered bool
	}{{"a peer mines", true}, {"nobody else mines", false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alice, bob := testWallet(t, 0), testWallet(t, 1)
				p, genesis := runPool(t, alice, bob)
				tx := peerFills(t, p, alice, bob.Address(), reward(t, genesis), 1)

				time.Sleep(5*time.Second - 1)
				synctest.Wait()
				if got := tipOf(t, p.bc).Header.Height; got != 0 {
					t.Errorf("height %d within the grace period, want 0", got)
				}

				miner := bob
				if tt.delivered {
					add(t, p.bc, mine(t, genesis, alice, 0, tx))
					miner = alice
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				tip := tipOf(t, p.bc)
				paid := tip.Transactions[0].Vouts[0].PubKeyHash
				if tip.Header.Height != 1 || paid != miner.Address() || !slices.Contains(txids(tip.Transactions), tx.TxID) {
					t.Errorf("block %d pays %s, want block 1, which pays %s", tip.Header.Height, paid, miner.Address())
				}
				wantPooled(t, p)
			})
		})
	}
}

// Once a peer's block has emptied the pool, a node that couldn't have mined it has
// nothing to complain of.
func TestGraceOfWalletlessNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice := testWallet(t, 0)
		p, genesis := runPool(t, alice)
		var said strings.Builder
		p.log = slog.New(slog.NewTextHandler(&said, nil))
		tx := peerFills(t, p, alice, alice.Address(), reward(t, genesis), 1)

		add(t, p.bc, mine(t, genesis, alice, 0, tx))
		time.Sleep(20 * time.Second)
		synctest.Wait()
		wantPooled(t, p)
		if strings.Contains(said.String(), "pool is full but not mined") {
			t.Errorf("the pool is empty, yet the log says\n%s", &said)
		}
	})
}

// A peer that fills the pool, and then makes one empty block after another,
// does not keep the node from mining.
func TestGraceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice, bob := testWallet(t, 0), testWallet(t, 1)
		p, tip := runPool(t, alice, bob)
		c := reward(t, tip)
		for i := range int64(5) {
			peerFills(t, p, alice, bob.Address(), c, 2*i+1)
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
	skipSlow(t)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		alice, bob := testWallet(t, 0), testWallet(t, 1)
		p, tip := runPool(t, alice, bob)
		var txs []*Transaction
		for i := range 20 {
			tx := pay(t, alice, bob.Address(), 1000, reward(t, tip))
			tx.Vouts = slices.Repeat([]TXOutput{{1, bob.Address()}}, 1000) // 67 kB
			tx.Sign(alice)
			txs = append(txs, tx)
			tip = mine(t, tip, alice, i)
			add(t, p.bc, tip)
		}
		if added, err := p.AddTransactions(context.Background(), rawTxs(txs...)); len(added) != len(txs) || err != nil {
			t.Fatalf("%d added, %v", len(added), err)
		}

		time.Sleep(time.Minute)
		synctest.Wait()
		wantPooled(t, p)
	})
}
