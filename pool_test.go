package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

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

// B21: transactions of rolled-back blocks return to the pool, in front of what
// is there and in their order, if they can still be mined; what the branch
// confirms or spends does not.
func TestReturnedTransactions(t *testing.T) {
	f := newForest(t, 7)
	w, other := f.wallets[0], f.wallets[1]
	var chain []*Block
	var made []Coin
	for i := range 6 {
		var below *Block
		if i > 0 {
			below = chain[i-1]
		}
		chain = append(chain, mine(t, below, w, 0))
		made = append(made, coin(t, chain[i].Transactions[0], 0))
	}
	tip := chain[5]
	bc := newChain(t)
	pool := followingPool(t, bc, slog.NewTextHandler(io.Discard, nil))
	add(t, bc, chain...)

	parent := pay(t, w, other.Address(), 100, made[0])
	child := pay(t, other, w.Address(), 50, coin(t, parent, 0))
	both := pay(t, w, other.Address(), 200, made[1])
	contested := pay(t, w, other.Address(), 300, made[2])
	a1 := mine(t, tip, w, 1, parent, child, both)
	ofReward := pay(t, w, other.Address(), 7, coin(t, a1.Transactions[0], 0))
	a2 := mine(t, a1, w, 1, contested, ofReward)
	ofOfReward := pay(t, other, w.Address(), 3, coin(t, ofReward, 0))
	a3 := mine(t, a2, w, 1, ofOfReward)
	waiting := pay(t, w, other.Address(), 400, made[3])
	spentLater := pay(t, w, other.Address(), 500, made[4])
	for _, tx := range []*Transaction{waiting, spentLater} {
		if err := pool.Add(context.Background(), tx, false); err != nil {
			t.Fatal(err)
		}
	}
	add(t, bc, a1, a2, a3)
	if got, want := txids(pool.Transactions()), txids([]*Transaction{waiting, spentLater}); !slices.Equal(got, want) {
		t.Fatalf("pool has %v, want %v", got, want)
	}
	b1 := mine(t, tip, w, 2, both, pay(t, w, other.Address(), 301, made[2]))
	b2 := mine(t, b1, w, 2, pay(t, w, other.Address(), 501, made[4]))
	b3 := mine(t, b2, w, 2)
	b4 := mine(t, b3, w, 2)
	add(t, bc, b1, b2, b3, b4)
	if got, want := txids(pool.Transactions()), txids([]*Transaction{parent, child, waiting}); !slices.Equal(got, want) {
		t.Errorf("pool has %v, want %v", got, want)
	}
	select {
	case <-pool.filled:
	default:
		t.Error("the miner does not know that the pool is full")
	}
	a4 := mine(t, a3, w, 1)
	add(t, bc, a4, mine(t, a4, w, 1)) // and back: nothing twice, and what b spent is there again
	got, want := txids(pool.Transactions()), []string{b1.Transactions[2].TxID, b2.Transactions[1].TxID, waiting.TxID}
	want = slices.DeleteFunc(want, func(id string) bool { return id == b1.Transactions[2].TxID }) // a confirms the other
	if !slices.Equal(got, want) {
		t.Errorf("pool has %v, want %v", got, want)
	}
	checkWhole(t, bc)
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

// A heapHandler is a log handler that notes now and then, at a line, how much
// of the heap is in use.
type heapHandler struct {
	slog.Handler
	lines *atomic.Int64
	peak  *atomic.Uint64
}

func (h heapHandler) Handle(context.Context, slog.Record) error {
	if h.lines.Add(1)%5 != 0 {
		return nil
	}
	runtime.GC()
	h.peak.Store(max(h.peak.Load(), heapAlloc()))
	return nil
}

// However much a long branch takes back, the pool keeps its bounds, and so
// does what is in memory meanwhile.
func TestReturnedTransactionsAreBounded(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	var lines atomic.Int64
	var peak atomic.Uint64
	pool := followingPool(t, bc, heapHandler{slog.NewTextHandler(io.Discard, nil), &lines, &peak})
	var tip *Block
	var refs []blockRef
	text := strings.Repeat("1", maxBlock-2048)
	const blocks = 22
	for range blocks {
		tip = mine(t, tip, w, 0)
		add(t, bc, tip)
	}
	for i := range blocks { // too large to sign and check so many, which is not what this is about
		b := mine(t, tip, w, i)
		of := must(bc.BlockAt(i))(t).Transactions[0]
		tx := pay(t, w, w.Address(), 1, coin(t, of, 0))
		tx.Vouts[0].PubKeyHash = text
		gone := pay(t, w, w.Address(), 1, coin(t, b.Transactions[0], 0))
		b.Transactions = append(b.Transactions, tx, gone)
		b.Header.Hash = b.Header.hash()
		err := bc.db.Update(func(tx *bolt.Tx) error { return chain{tx}.store(candidates(t, bc, b)[0]) })
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, b.ref())
	}
	runtime.GC()
	before := heapAlloc()
	pool.Update(Change{Removed: refs})
	if n := len(pool.Transactions()); n == 0 || n == blocks {
		t.Errorf("%d transactions are back, of %d that are too many", n, blocks)
	}
	var size int
	for _, tx := range pool.Transactions() {
		size += len(tx.AppendJSON(nil))
	}
	if size > poolMaxBytes || size != pool.bytes {
		t.Errorf("pool holds %d bytes and counts %d, at most %d", size, pool.bytes, poolMaxBytes)
	}
	if peak := peak.Load(); peak == 0 || peak > before+poolMaxBytes*5/4 {
		t.Errorf("heap grew from %d to %d MiB for a pool of %d", before>>20, peak>>20, poolMaxBytes>>20)
	}
}

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

// newPool returns a pool on top of bc that follows it.
func followingPool(t testing.TB, bc *Blockchain, handler slog.Handler) *TxPool {
	t.Helper()
	wallets, err := OpenWallets(filepath.Join(t.TempDir(), "wallet.dat"))
	if err != nil {
		t.Fatal(err)
	}
	pool := NewTxPool(bc, wallets, 2, 0, false, slog.New(handler))
	bc.onChange = pool.Update
	return pool
}

func txids(txs []*Transaction) (ids []string) {
	for _, tx := range txs {
		ids = append(ids, tx.TxID)
	}
	return ids
}
