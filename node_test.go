package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
)

// The article's third problem, and -spend-pending, its answer: two payments in
// a row from one coin. By default the second is dropped (1900 are left); with
// the flag it spends the first one's change, in the same block (1800).
func TestSpendPending(t *testing.T) {
	for _, tt := range []struct {
		pending     bool
		left, payee string
	}{{false, "1900", "100"}, {true, "1800", "200"}} {
		a := startNode(t, NodeConfig{SpendPending: tt.pending})
		b := join(t, NodeConfig{}, a)
		genesis := a.address("genesis_block")
		payee := b.address("createwallet")
		for range 2 {
			a.do("send", "--from", genesis, "--to", payee, "--amount", "100")
		}
		b.awaitTip(a)
		for _, n := range []*testNode{a, b} {
			if got, want := n.do("balance", genesis), genesis+" balance is "+tt.left+"\n"; got != want {
				t.Errorf("pending %v: got %q, want %q", tt.pending, got, want)
			}
			if got, want := n.do("balance", payee), payee+" balance is "+tt.payee+"\n"; got != want {
				t.Errorf("pending %v: got %q, want %q", tt.pending, got, want)
			}
		}
	}
}

// A node that joins late has the whole chain within two heartbeats.
func TestLateJoiner(t *testing.T) {
	a := startNode(t, NodeConfig{PoolSize: 1})
	genesis := a.address("genesis_block")
	other := a.address("createwallet")
	b := join(t, NodeConfig{}, a)
	for range 3 {
		a.do("send", "--from", genesis, "--to", other, "--amount", "7")
	}
	b.awaitTip(a)
	c := join(t, NodeConfig{}, b)
	c.awaitTip(a)
	if got, want := c.do("balance", other), other+" balance is 21\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Two nodes that mined apart agree after the next block, and the losing
// branch's transactions are back in the pool. B18, B21.
func TestMinedApart(t *testing.T) {
	dirA, dirB := t.TempDir(), t.TempDir()
	a := startNode(t, NodeConfig{Data: dirA, PoolSize: 1})
	b := join(t, NodeConfig{Data: dirB, PoolSize: 1}, a)
	first := a.address("genesis_block")
	second := b.address("createwallet")
	a.do("send", "--from", first, "--to", second, "--amount", "300")
	b.awaitTip(a)
	a.stop()
	b.stop()

	a = startNode(t, NodeConfig{Data: dirA, PoolSize: 1})
	b = startNode(t, NodeConfig{Data: dirB, PoolSize: 1})
	a.do("send", "--from", first, "--to", second, "--amount", "1")
	b.do("send", "--from", second, "--to", first, "--amount", "2")
	lost := tipOf(t, b.chain).Transactions[1].TxID
	a.do("send", "--from", first, "--to", second, "--amount", "3")
	b.stop()
	b = join(t, NodeConfig{Data: dirB, PoolSize: 9}, a)
	b.awaitTip(a)
	if got := tipOf(t, b.chain).Header.Height; got != 3 {
		t.Errorf("height %d, want 3", got)
	}
	b.await("lost transaction back in the pool", func() bool { return b.pool.Has(lost) })
}

// B32: a node that is told its own address does not become its own peer.
func TestOwnAddressIsNoPeer(t *testing.T) {
	log := newLineLog()
	config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: 2}
	a, err := OpenNode(config, slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	a.config.Bootstrap = []string{a.Addr().String()}
	config.Data, config.Bootstrap = t.TempDir(), []string{a.Addr().String()}
	b, err := OpenNode(config, slog.New(newLineLog()))
	if err != nil {
		t.Fatal(err)
	}
	stopA, stopB := runNode(t, a), runNode(t, b)
	log.await(t, "peer connected", 1) // b, on the same machine, is one
	for _, p := range a.peers.Peers() {
		if p.Addr == a.Addr() {
			t.Errorf("a is its own peer: %v", p)
		}
	}
	stopB()
	stopA()
}

// B35: a node is the same node after a restart, and another node is another.
func TestNodeIDIsKept(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, NodeConfig{Data: dir})
	id := n.discovery.Self().ID
	n.stop()
	if got := startNode(t, NodeConfig{Data: dir}).discovery.Self().ID; got != id {
		t.Errorf("ID %s after a restart, want %s", got, id)
	}
	if got := startNode(t, NodeConfig{}).discovery.Self().ID; got == id {
		t.Errorf("two nodes have the ID %s", got)
	}
}

// B37: two nodes in one process share nothing.
func TestNoSharedState(t *testing.T) {
	a, b := quietNode(t, 2), quietNode(t, 2)
	address := call(t, (&Cli{a}).CreateGenesisBlock, "")
	if _, err := b.chain.Tip(); !errors.Is(err, ErrNoBlock) {
		t.Errorf("b's tip: %v, want ErrNoBlock", err)
	}
	if _, err := b.wallets.Find(address); !errors.Is(err, ErrNotInFile) {
		t.Errorf("b's wallets: %v, want ErrNotInFile", err)
	}
	if other := call(t, (&Cli{b}).CreateGenesisBlock, ""); other == address {
		t.Error("both have one key")
	}
}

// B36, B38: every command and every message at once, from many goroutines.
// Under the race detector, no field is unguarded; and no coin is lost.
func TestEverythingAtOnce(t *testing.T) {
	n := quietNode(t, 2)
	cli := &Cli{n}
	rich, other := call(t, cli.CreateGenesisBlock, ""), call(t, cli.CreateWallet, "")
	w := testWallet(t, 0)
	ctx := context.Background()
	var all sync.WaitGroup
	for worker := range 3 {
		repeat := func(do func(i int) error) {
			all.Go(func() {
				for i := range 15 {
					if err := do(i); err != nil && !errors.Is(err, ErrNotEnough) && !errors.Is(err, ErrParent) {
						t.Error(err)
					}
				}
			})
		}
		var mu sync.Mutex // of nothing but hint, address and lines
		var hint, address, header string
		var coins int64
		var lines []string
		repeat(func(i int) error {
			mu.Lock()
			defer mu.Unlock()
			err := cli.Send(SendArgs{rich, other, int64(1 + i + worker)}, &hint)
			if errors.Is(err, ErrNoCoin) || errors.Is(err, ErrConfirmed) { // a block came between choosing the coins and pooling
				err = nil
			}
			return err
		})
		repeat(func(int) error {
			mu.Lock()
			defer mu.Unlock()
			return errors.Join(cli.Balance(rich, &coins), cli.PrintChain(0, &header), cli.Pool("", &lines), cli.Peers("", &lines), cli.PrintAllWallet("", &lines))
		})
		repeat(func(i int) error {
			if i%5 > 0 {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			return cli.CreateWallet("", &address)
		})
		repeat(func(i int) error { // blocks of another miner
			tip, err := n.chain.Tip()
			if err != nil {
				return err
			}
			return n.chain.AddBlocks(ctx, raws(mine(t, tip, w, 1000*worker+i)))
		})
		repeat(func(int) error { // and what its peers ask for
			status, err := n.chain.Status()
			if err != nil {
				return err
			}
			if _, err := n.chain.Block(status.Height); err != nil {
				return fmt.Errorf("block %d: %w", status.Height, err)
			}
			var txs []json.RawMessage
			for _, tx := range n.pool.Transactions() {
				txs = append(txs, tx.AppendJSON(nil))
			}
			_, err = n.pool.AddTransactions(ctx, txs)
			if errors.Is(err, ErrNoCoin) { // a block came in between
				err = nil
			}
			return err
		})
	}
	all.Wait()
	checkWhole(t, n.chain)
}
