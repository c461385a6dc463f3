package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/boltdb/bolt"
)

// rich returns a node that runs, and the address of a wallet of its own with
// one coin in each of n blocks.
func rich(t *testing.T, n int, c NodeConfig) (node *testNode, address string) {
	t.Helper()
	node = startNode(t, c)
	address = node.startChain()
	w, err := node.wallets.Find(address)
	if err != nil {
		t.Fatal(err)
	}
	for tip := tipOf(t, node.chain); n > 1; n-- {
		tip = mine(t, tip, w, n)
		add(t, node.chain, tip)
	}
	return node, address
}

// Six payments in a row from a wallet with many coins are six payments: each
// takes a coin that no waiting payment spends.
func TestPaymentsInARowTakeCoinsOfTheirOwn(t *testing.T) {
	n, from := rich(t, 10, NodeConfig{})
	to := n.createWallet()
	for amount := range int64(6) {
		n.send(from, to, amount+1)
	}
	n.wantBalance(to, 1+2+3+4+5+6)
}

// The same holds for payments at the same moment.
func TestPaymentsAtOnceTakeCoinsOfTheirOwn(t *testing.T) {
	for _, pending := range []bool{false, true} {
		t.Run(fmt.Sprint("pending ", pending), func(t *testing.T) {
			n, from := rich(t, 30, NodeConfig{PoolSize: 100, SpendPending: pending})
			to := n.createWallet()
			var sending sync.WaitGroup
			for amount := range int64(30) {
				sending.Go(func() { n.send(from, to, amount+1) })
			}
			sending.Wait()

			for _, tx := range n.pool.Transactions() {
				if rival := n.pool.rival(tx); rival != "" {
					t.Errorf("%s and %s spend one coin", tx.TxID, rival)
				}
			}
			if got := n.pool.Len(); got != 30 {
				t.Errorf("%d payments wait, want 30", got)
			}
		})
	}
}

// What send says of a payment is so: of that payment, not of the pool.
func TestSendTellsThePaymentsFate(t *testing.T) {
	tests := []struct {
		name    string
		size    int     // of the pool
		amounts []int64 // paid in turn from a wallet with one coin
		code    int     // of the last
		stdout  bool    // whether it looks made
		stderr  string
	}{
		{"waits", 2, []int64{100}, 0, true, "pool 1 of 2: a block is mined when it is full"},
		{"mined", 1, []int64{100}, 0, true, "pool 1 of 1: mined block 1"},
		{"equal", 2, []int64{100, 100}, 0, true, "pool 2 of 2: mined block 1; two equal payments are one transaction, made once"},
		{"rival that waits", 3, []int64{100, 150}, 0, true, "only one of the two can be made"},
		{"rival that loses", 2, []int64{100, 150}, 1, false, "send it again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, NodeConfig{PoolSize: tt.size})
			from, to := n.startChain(), n.createWallet()
			var code int
			var stdout, stderr string
			for _, amount := range tt.amounts {
				code, stdout, stderr = n.try("send", "--from", from, "--to", to, "--amount", fmt.Sprint(amount))
			}
			if code != tt.code || (stdout != "") != tt.stdout || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %t, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

// A block that was mined without a payment does not make it look made.
func TestPaymentInNoBlock(t *testing.T) {
	n, from := rich(t, 3, NodeConfig{})
	to := n.createWallet()
	w, err := n.wallets.Find(from)
	if err != nil {
		t.Fatal(err)
	}
	first, err := n.pool.NewTransaction(w, to, 1)
	if err != nil {
		t.Fatal(err)
	}
	hint, err := n.pool.fate(Payment{Tx: first}, Mined{})
	if !errors.Is(err, ErrNotMade) {
		t.Errorf("a payment that is nowhere: %q, %v, want ErrNotMade", hint, err)
	}
	if err := n.pool.Add(context.Background(), first, true); err != nil {
		t.Fatal(err)
	}
	hint, err = n.pool.fate(Payment{Tx: first}, Mined{Block: tipOf(t, n.chain)})
	if err != nil || !strings.Contains(hint, "waits for a later block: 0 are before it") {
		t.Errorf("a payment that waits: %q, %v", hint, err)
	}
}

// Own payments wait through a crash. Others' do not: their owners keep them.
func TestPaymentsOutliveTheNode(t *testing.T) {
	dir := t.TempDir()
	n, from := rich(t, 5, NodeConfig{Data: dir, PoolSize: 100})
	to := n.createWallet()
	for amount := range int64(4) {
		n.send(from, to, amount+1)
	}
	want := txids(n.pool.Transactions())
	n.stop()

	n = startNode(t, NodeConfig{Data: dir, PoolSize: 5})
	if got := txids(n.pool.Transactions()); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("after a restart %v wait, want %v", got, want)
	}
	n.send(from, to, 5)
	n.wantBalance(to, 1+2+3+4+5)

	n.stop()
	n = startNode(t, NodeConfig{Data: dir})
	if got := n.pool.Len(); got != 0 {
		t.Errorf("%d payments wait after all were confirmed, want none", got)
	}
}

// A payment that could not be made does not come back after a restart: its
// owner has been told to send it again.
func TestLostPaymentIsForgotten(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, NodeConfig{Data: dir})
	from, to := n.startChain(), n.createWallet()
	n.send(from, to, 100)
	if code, _, stderr := n.try("send", "--from", from, "--to", to, "--amount", "150"); code != 1 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	saved, err := n.chain.savedPayments()
	if err != nil || len(saved) != 1 {
		t.Errorf("%d payments are saved, %v, want the one that was made", len(saved), err)
	}
}

// A wallet full of dust pays with its few large coins, at once; and says what it
// can pay if it has no such.
func TestWalletFullOfDust(t *testing.T) {
	w, to := testWallet(t, 0), testWallet(t, 1).Address()
	bc := newChain(t)
	add(t, bc, mine(t, nil, testWallet(t, 2), 0))
	coins := func(from, n int, value int64) {
		t.Helper()
		err := bc.db.Update(func(tx *bolt.Tx) error {
			for i := range n {
				c := Coin{OutPoint{sha256Hex(fmt.Append(nil, from, i)), 0}, hash160(w.pubKey), value, from}
				if err := (UTXOSet{tx}).put(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	coins(1, 12_000, 1)
	coins(2, 20, 1000)
	p := newPool(t, bc)

	for _, tt := range []struct {
		amount int64
		inputs int
	}{{1, 1}, {1000, 1}, {1001, 2}, {10_000, 10}, {20_000, 20}, {20_230, 250}} {
		tx, err := p.NewTransaction(w, to, tt.amount)
		if err != nil || len(tx.Vins) != tt.inputs {
			t.Fatalf("pay %d: %v, want %d inputs", tt.amount, err, tt.inputs)
		}
		if err := checkTxSize(len(tx.AppendJSON(nil))); err != nil {
			t.Errorf("no peer takes it: %v", err)
		}
	}

	for _, tt := range []struct {
		amount int64
		err    error
		text   string
	}{{20_231, ErrSmallCoins, "send 20230 or less"}, {32_000, ErrSmallCoins, "send 20230 or less"}, {32_001, ErrNotEnough, " has 32000"}} {
		_, err := p.NewTransaction(w, to, tt.amount)
		if !errors.Is(err, tt.err) || !strings.Contains(fmt.Sprint(err), tt.text) {
			t.Errorf("pay %d: %v, want %v and %q", tt.amount, err, tt.err, tt.text)
		}
	}
}

// Nodes whose pools are filled at the same moment do not mine at the same
// moment.
func TestGraceIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice, bob := testWallet(t, 0), testWallet(t, 1)
		p, genesis := runPool(t, alice, bob)
		p.random = func() float64 { return 0.5 }
		tx := peerFills(t, p, alice, bob.Address(), reward(t, genesis), 1)

		time.Sleep(10*time.Second - 1)
		synctest.Wait()
		if got := tipOf(t, p.bc).Header.Height; got != 0 {
			t.Errorf("height %d before the time is due", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if tip := tipOf(t, p.bc); tip.Header.Height != 1 || tip.Transactions[1].TxID != tx.TxID {
			t.Errorf("height %d when the time is due", tip.Header.Height)
		}
	})
}

// A stranger who mines her own payments as soon as the pool is full does not put
// off an honest one.
func TestRefilledPoolKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice, mallory := testWallet(t, 0), testWallet(t, 1)
		p, genesis := runPool(t, mallory, alice)
		own := mine(t, genesis, alice, 0)
		add(t, p.bc, own)
		honest := pay(t, alice, mallory.Address(), 1, reward(t, own))
		if _, err := p.AddTransactions(context.Background(), rawTxs(honest)); err != nil {
			t.Fatal(err)
		}

		c, tip := reward(t, genesis), own
		for i := range 20 {
			spam := pay(t, mallory, mallory.Address(), 1000, c)
			if _, err := p.AddTransactions(context.Background(), rawTxs(spam)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if !p.Has(honest.TxID) {
				return
			}
			tip = mine(t, tip, mallory, i, spam)
			add(t, p.bc, tip)
			c = coin(t, spam, 0)
			synctest.Wait()
		}
		t.Error("the honest payment still waits after 20 s of a grace period of 5 s")
	})
}

// A payment that was made while nobody was there reaches the peer that comes
// later, and one that was away.
func TestPaymentReachesLatePeer(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{})
	from, to := a.startChain(), a.createWallet()
	a.send(from, to, 100)
	payment := a.pool.Transactions()[0].TxID

	dir := t.TempDir()
	b := join(t, NodeConfig{Data: dir}, a)
	b.awaitPooled(payment)
	b.stop()

	b = join(t, NodeConfig{Data: dir}, a) // others' payments do not outlive a node
	b.awaitPooled(payment)
}

// A branch switch that returns more of others' payments than the pool holds does
// not push out an own one: neither one that waits nor one that returns.
func TestOwnPaymentsOutliveASwitch(t *testing.T) {
	alice, mallory := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, mallory, alice)
	own := mine(t, genesis, alice, 0)
	more := mine(t, own, alice, 0)
	add(t, p.bc, own, more)

	returns := pay(t, alice, mallory.Address(), 7, reward(t, own))
	if err := p.Add(context.Background(), returns, true); err != nil {
		t.Fatal(err)
	}
	add(t, p.bc, mine(t, more, mallory, 0, returns))
	waits := pay(t, alice, mallory.Address(), 8, reward(t, more))
	if err := p.Add(context.Background(), waits, true); err != nil {
		t.Fatal(err)
	}

	fillPool(p, pay(t, mallory, mallory.Address(), 1, reward(t, genesis)))
	rival := mine(t, more, mallory, 1)
	add(t, p.bc, rival, mine(t, rival, mallory, 1))
	for _, tx := range []*Transaction{returns, waits} {
		if !p.Has(tx.TxID) {
			t.Errorf("the own payment of %d is gone", tx.Vouts[0].Value)
		}
	}
}
