package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Faults of the Python program, by their numbers, that no other test shows.

// quietNode returns a node that is open and does not run, but for its miner.
func quietNode(t *testing.T, poolSize int) *Node {
	t.Helper()
	config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: poolSize}
	n, err := OpenNode(config, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	n.chain.db.NoSync = true
	ctx, cancel := context.WithCancel(context.Background())
	var miner sync.WaitGroup
	miner.Go(func() { n.pool.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		miner.Wait()
		n.close()
	})
	return n
}

// call calls a method of Cli, which must succeed.
func call[A, R any](t testing.TB, method func(A, *R) error, args A) (reply R) {
	t.Helper()
	if err := method(args, &reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

// B3: an amount that is negative or zero, or a wallet that is empty, makes no
// transaction at all.
func TestSendNothing(t *testing.T) {
	n := quietNode(t, 1)
	cli := &Cli{n}
	rich, poor := call(t, cli.CreateGenesisBlock, ""), call(t, cli.CreateWallet, "")
	var hint string
	for _, args := range []SendArgs{
		{rich, poor, -500}, {rich, poor, 0}, {rich, poor, -1 << 63}, {poor, rich, 0}, {poor, rich, 1}, {rich, poor, 1001},
		{rich, poor, 21e12 + 1}, {rich, poor, 1<<63 - 1},
	} {
		if err := cli.Send(args, &hint); err == nil || len(n.pool.Transactions()) != 0 {
			t.Errorf("%d from %s is sent: %s", args.Amount, args.From, hint)
		}
	}
	if got := call(t, cli.Balance, rich); got != 1000 {
		t.Errorf("balance is %d, want 1000", got)
	}
}

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

// B24: a coin that is made and spent inside one block is not in the UTXO set,
// nor does it come back when the block is rolled back.
func TestCoinOfOneBlock(t *testing.T) {
	v := newVictim(t)
	before := coins(t, v.bc)
	tx := v.payment(t)
	next := pay(t, v.bob, v.mallory.Address(), 1500, coin(t, tx, 0))
	block := mine(t, v.tip, v.alice, 3, tx, next)
	add(t, v.bc, block)
	if set := coins(t, v.bc); set[coin(t, tx, 0)] || !set[coin(t, tx, 1)] || !set[coin(t, next, 0)] {
		t.Errorf("UTXO set is %v", set)
	}
	checkWhole(t, v.bc)
	empty := mine(t, v.tip, v.alice, 4)
	after := mine(t, empty, v.alice, 4)
	add(t, v.bc, empty, after)
	want := before
	for _, b := range []*Block{empty, after} {
		want[coin(t, b.Transactions[0], 0)] = true
	}
	if got := coins(t, v.bc); len(got) != len(want) {
		t.Errorf("UTXO set has %d coins, want %d", len(got), len(want))
	}
	checkWhole(t, v.bc)
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

// runNode runs a node; the function that it returns stops it and waits.
func runNode(t testing.TB, n *Node) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("node ends with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the node does not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

// A lineLog is a log handler that counts lines by their message.
type lineLog struct {
	mu    sync.Mutex // guards all below
	lines map[string]int
	more  chan struct{} // closed and replaced at each line
}

func newLineLog() *lineLog { return &lineLog{lines: make(map[string]int), more: make(chan struct{})} }

func (l *lineLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *lineLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lineLog) WithGroup(string) slog.Handler            { return l }

func (l *lineLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[r.Message]++
	close(l.more)
	l.more = make(chan struct{})
	return nil
}

// await waits until a line was logged n times.
func (l *lineLog) await(t testing.TB, line string, n int) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		l.mu.Lock()
		have, more := l.lines[line], l.more
		l.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("%q was logged %d times, want %d", line, have, n)
		}
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

// B40: what the UTXO set notes of an output does not get onto the wire, nor
// into the block that a caller holds.
func TestBlocksAreNotChanged(t *testing.T) {
	v := newVictim(t)
	b := mine(t, v.tip, v.alice, 3, v.payment(t))
	want := string(b.AppendJSON(nil))
	if _, err := v.bc.connect(context.Background(), candidates(t, v.bc, b)); err != nil {
		t.Fatal(err)
	}
	got, err := v.bc.Block(b.Header.Height)
	if err != nil || string(got) != want || string(b.AppendJSON(nil)) != want {
		t.Errorf("block is %s, want %s; error %v", got, want, err)
	}
}

// B41: a second genesis_block, here or on a node that has synced, makes no
// wallet and no block.
func TestSecondGenesisBlock(t *testing.T) {
	n := quietNode(t, 2)
	cli := &Cli{n}
	call(t, cli.CreateGenesisBlock, "")
	before := bucketDump(t, n.chain)
	var address string
	if err := cli.CreateGenesisBlock("", &address); !errors.Is(err, ErrChainExists) || address != "" {
		t.Errorf("address %q, error %v, want ErrChainExists", address, err)
	}
	if bucketDump(t, n.chain) != before || len(n.wallets.Addresses()) != 1 {
		t.Error("it left a trace")
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

// B22: a pool that can never be full would stop mining for ever.
func TestPoolSizeIsReached(t *testing.T) {
	for _, size := range []int{-1, 0, poolMax + 1, maxTxs} {
		n, err := OpenNode(NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: size}, slog.New(newLineLog()))
		if err == nil {
			n.close()
			t.Errorf("a node starts with a pool of %d, which holds %d", size, poolMax)
		}
	}
	quietNode(t, poolMax)
}
