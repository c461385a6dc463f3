package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"gosimpleblockchain/view"
)

// The article's third problem, and -spend-pending, its answer: two payments in
// a row from one coin. By default the second is dropped (1900 are left); with
// the flag it spends the first one's change, in the same block (1800).
func TestSpendPending(t *testing.T) {
	skipSlow(t)
	for _, tt := range []struct {
		name        string
		pending     bool
		left, payee int64
	}{
		{"confirmed coins only", false, 1900, 100},
		{"pending change too", true, 1800, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := startNode(t, NodeConfig{SpendPending: tt.pending})
			b := join(t, NodeConfig{}, a)
			genesis, payee := a.startChain(), b.createWallet()
			a.send(genesis, payee, 100)
			a.send(genesis, payee, 100)

			b.awaitTip(a)
			for _, n := range []*testNode{a, b} {
				n.wantBalance(genesis, tt.left)
				n.wantBalance(payee, tt.payee)
			}
		})
	}
}

// A node that joins late, and knows but one of the others, gets the whole chain.
func TestLateJoiner(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{PoolSize: 1})
	genesis, other := a.startChain(), a.createWallet()
	b := join(t, NodeConfig{}, a)
	for range 3 {
		a.send(genesis, other, 7)
	}
	b.awaitTip(a)

	c := join(t, NodeConfig{}, b)
	c.awaitTip(a)
	c.wantBalance(other, 21)
}

// Two nodes that mined apart agree after the next block, and the losing
// branch's transactions are back in the pool. In the Python program two tips of
// one height are never resolved, and what is rolled back is lost.
func TestMinedApart(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	configA := NodeConfig{Data: t.TempDir(), PoolSize: 1}
	configB := NodeConfig{Data: t.TempDir(), PoolSize: 1}
	a := startNode(t, configA)
	b := join(t, configB, a)
	first, second := a.startChain(), b.createWallet()
	a.send(first, second, 300)
	b.awaitTip(a)
	a.stop()
	b.stop()

	// Neither knows of the other now. Each mines a payment; a mines one more.
	a, b = startNode(t, configA), startNode(t, configB)
	a.send(first, second, 1)
	b.send(second, first, 2)
	lost := tipOf(t, b.chain).Transactions[1].TxID
	a.send(first, second, 3)
	b.stop()

	configB.PoolSize = 9
	b = join(t, configB, a)
	b.awaitTip(a)
	if got := tipOf(t, b.chain).Header.Height; got != 3 {
		t.Errorf("height %d, want 3", got)
	}
	b.awaitPooled(lost)
}

// A node that is told its own address does not become its own peer. A Python
// node dials itself when its host name resolves to an address that it does not
// expect, and mines against itself.
func TestOwnAddressIsNoPeer(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := openNode(t, NodeConfig{})
	a.config.Bootstrap = []string{a.Addr().String()}
	a.stop = runNode(t, a.Node)
	join(t, NodeConfig{}, a)

	a.awaitLog("peer connected") // the other node, on the same machine, is one
	for _, p := range a.peers.Peers() {
		if p.Addr == a.Addr() {
			t.Errorf("a is its own peer: %v", p)
		}
	}
}

// A node has another ID after each start, as a Python node has: Python dials a
// contact once, when it is new, and whoever has taken the old ID gains nothing.
func TestNodeIDIsNew(t *testing.T) {
	config := NodeConfig{Data: t.TempDir()}
	n := startNode(t, config)
	id := n.discovery.Self().ID
	n.stop()
	if got := startNode(t, config).discovery.Self().ID; got == id {
		t.Errorf("ID %s again after a restart", got)
	}
}

// Two nodes that have met, and are both restarted where they were, meet again,
// though neither is told to join anybody.
func TestRestartedNodesMeet(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	configA, configB := NodeConfig{Data: t.TempDir()}, NodeConfig{Data: t.TempDir()}
	const elsewhere = "127.0.0.61:0" // where no other test takes the ports meanwhile
	a := startNodeAt(t, configA, elsewhere)
	configB.Bootstrap = []string{a.Addr().String()}
	b := startNodeAt(t, configB, elsewhere)
	a.awaitLog("peer connected")
	b.awaitLog("peer connected")
	addrA, addrB := a.Addr().String(), b.Addr().String()
	a.stop()
	b.stop()

	configB.Bootstrap = nil
	a = startNodeAt(t, configA, addrA)
	b = startNodeAt(t, configB, addrB)
	a.awaitLog("peer connected")
	b.awaitLog("peer connected")
}

// Two nodes in one process share nothing. The Python program's singletons are
// shared by whatever runs in its process, and two threads could make two.
func TestNoSharedState(t *testing.T) {
	a, b := startNode(t, NodeConfig{}), startNode(t, NodeConfig{})
	address := a.startChain()
	if _, err := b.chain.Tip(); !errors.Is(err, ErrNoBlock) {
		t.Errorf("b's tip: %v, want ErrNoBlock", err)
	}
	if _, err := b.wallets.Find(address); !errors.Is(err, ErrNotInFile) {
		t.Errorf("b's wallets: %v, want ErrNotInFile", err)
	}
	if other := b.startChain(); other == address {
		t.Error("both have one key")
	}
}

// Every command and every message at once, from many goroutines: under the race
// detector, no field is unguarded; and no coin is lost. The Python program
// changes chain and pool from three kinds of threads without a lock, and to ask
// for its chain takes the database away from the others for a moment.
func TestEverythingAtOnce(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	n := startNode(t, NodeConfig{})
	cli := &Cli{n.Node}
	rich, other := n.startChain(), n.createWallet()
	w := testWallet(t, 0)
	ctx := context.Background()

	var all sync.WaitGroup
	repeat := func(do func(i int) error) {
		all.Go(func() {
			for i := range 15 {
				if err := do(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for worker := range 3 {
		// Payments. Three spend the same coin at once, so some cannot be made.
		repeat(func(i int) error {
			var hint string
			err := cli.Send(SendArgs{rich, other, int64(1 + i + worker)}, &hint)
			if errors.Is(err, ErrNotEnough) || errors.Is(err, ErrNotMade) {
				return nil
			}
			return err
		})

		// Questions.
		repeat(func(int) error {
			var coins int64
			var header string
			var lines []string
			return errors.Join(cli.Balance(rich, &coins), cli.PrintChain(0, &header), cli.PrintAllWallet("", &lines),
				cli.Pool("", new([]view.PoolTx)), cli.Peers("", new([]view.Peer)), cli.Status("", new(view.Status)),
				cli.Wallets("", new([]view.Wallet)), cli.Chain(ChainArgs{-1, 20}, new(view.Chain)),
				cli.Block("last", new(view.Block)), cli.History(HistoryArgs{rich, 20}, new(view.History)))
		})

		// Wallets.
		repeat(func(i int) error {
			if i%5 > 0 {
				return nil
			}
			var address string
			return cli.CreateWallet("", &address)
		})

		// Blocks of another miner, which may come too late.
		repeat(func(i int) error {
			tip, err := n.chain.Tip()
			if err != nil {
				return err
			}
			err = n.chain.AddBlocks(ctx, raws(mine(t, tip, w, 1000*worker+i)))
			if errors.Is(err, ErrParent) {
				return nil
			}
			return err
		})

		// What peers ask for, and hand over.
		repeat(func(int) error {
			status, err := n.chain.Status()
			if err != nil {
				return err
			}
			if _, err := n.chain.Block(status.Height); err != nil {
				return fmt.Errorf("block %d: %w", status.Height, err)
			}
			_, err = n.pool.AddTransactions(ctx, rawTxs(n.pool.Transactions()...))
			if errors.Is(err, ErrNoCoin) { // a block came in between
				return nil
			}
			return err
		})
	}
	all.Wait()
	checkWhole(t, n.chain)
}
