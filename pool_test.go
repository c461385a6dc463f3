package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
)

// What a peer sends is checked, and counts once; what is wrong with one
// transaction is no harm to the others. The Python program's pool takes
// anything, twice too, and one bad transaction stops its mining for good. (The
// rules of a transaction itself have a test each in TestTransactionRules.)
func TestPoolRefuses(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, alice, alice)
	first := reward(t, genesis)
	good := pay(t, alice, bob.Address(), 100, first)
	other := pay(t, alice, bob.Address(), 200, first)
	theft := pay(t, bob, bob.Address(), 1000, first)
	unknown := pay(t, alice, bob.Address(), 1, coin(t, good, 1)) // pooled, not confirmed
	greedy := pay(t, alice, bob.Address(), 100, first)
	greedy.Vouts[1].Value = 1000
	greedy.Sign(alice)

	check := func(what string, added int, want error, raws ...json.RawMessage) {
		t.Helper()
		got, err := p.AddTransactions(context.Background(), raws)
		if len(got) != added || !errors.Is(err, want) {
			t.Errorf("%s: %d added, want %d; error %v, want %v", what, len(got), added, err, want)
		}
	}
	raw := func(tx *Transaction) json.RawMessage { return tx.AppendJSON(nil) }
	check("theft", 0, ErrNotOwner, raw(theft))
	check("more out than in", 0, ErrOverspend, raw(greedy))
	check("coin of the pool", 0, ErrNoCoin, raw(unknown))
	check("coinbase", 0, ErrCoinbase, raw(NewCoinbase(bob.Address(), time.Unix(0, 0))))
	check("not a transaction", 0, ErrMalformed, json.RawMessage(`{"txid": 1}`))
	check("null", 0, ErrMalformed, json.RawMessage(`null`))

	check("one good among bad ones", 1, ErrNotOwner, raw(theft), raw(good), raw(good))
	check("again", 0, nil, raw(good))
	if err := p.Add(t.Context(), good, false); !errors.Is(err, ErrPooled) { // another peer's, at the same time
		t.Errorf("again: %v, want ErrPooled", err)
	}

	p.pending = true // for own payments only: a peer's confirmed coins are the same everywhere
	check("coin of the pool, which own payments may spend", 0, ErrNoCoin, raw(unknown))
	p.pending = false

	p.bytes += maxPoolBytes
	check("one more, beside 16 MiB", 0, ErrPoolFull, raw(other))
	p.bytes -= maxPoolBytes

	check("second spend of one coin", 1, nil, raw(other))
	if m := p.Mine(); m.Err != nil || m.Block == nil || len(m.Dropped) != 1 {
		t.Errorf("mined %v", m)
	}
	check("a confirmed one", 0, nil, raw(good))
}

// What no honest node sends is told apart from what an honest one may send: it may
// know another chain, or the Python program may let a mistake of its user pass. After
// it, nothing else of the same message is looked at.
func TestHostileTransactions(t *testing.T) {
	v := newVictim(t)
	change := func(edit func(tx *Transaction)) json.RawMessage {
		tx := v.payment(t)
		edit(tx)
		tx.Sign(v.alice)
		return rawTx(t, tx)
	}
	forged, misnamed := v.payment(t), v.payment(t)
	forged.Vins[1].Signature = forged.Vins[0].Signature
	misnamed.TxID = sha256Hex(nil)

	for i, tt := range []struct {
		name    string
		raw     json.RawMessage
		want    error
		hostile bool
	}{
		{"coin of a block that we lack", change(func(tx *Transaction) { tx.Vins[0].TxID = sha256Hex(nil) }), ErrNoCoin, false},
		{"spent coin", change(func(tx *Transaction) { tx.Vins[0].TxID = v.coins[0].TxID }), ErrNoCoin, false},
		{"amount of -500", change(func(tx *Transaction) { tx.Vouts[0].Value = -500 }), ErrValue, false},
		{"amount of 0", change(func(tx *Transaction) { tx.Vins = nil }), ErrEmptyTx, false},
		{"address with a slip", change(func(tx *Transaction) { tx.Vouts[0].PubKeyHash = "hello" }), ErrAddress, false},
		{"bad signature", rawTx(t, forged), ErrSignature, true},
		{"wrong txid", rawTx(t, misnamed), ErrTxID, true},
		{"malformed", json.RawMessage(`{"txid": 1}`), ErrMalformed, true},
		{"too large, and not decoded", json.RawMessage(`{` + strings.Repeat(" ", maxTxBytes) + `}`), ErrTxTooBig, true},
	} {
		behind := pay(t, v.alice, v.bob.Address(), int64(1+i), v.coins[3])
		added, err := v.pool.AddTransactions(t.Context(), []json.RawMessage{tt.raw, rawTx(t, behind)})
		if hostile := errors.Is(err, network.ErrHostile); hostile != tt.hostile || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v, and that its sender is hostile: %t", tt.name, err, tt.want, tt.hostile)
		}
		if pooled := v.pool.Has(behind.TxID); pooled == tt.hostile || pooled != (len(added) == 1) {
			t.Errorf("%s: the honest one behind it is pooled: %t, and %d are handed on", tt.name, pooled, len(added))
		}
	}
}

// A block may have a transaction that the pool takes from nobody. Should the block
// be taken off the chain, it comes back all the same.
func TestLargeTransaction(t *testing.T) {
	chain, last := manyInputs(t, 300)
	bc := newChain(t)
	add(t, bc, chain...)
	p := newPool(t, bc)
	large := last.Transactions[1]

	for _, own := range []bool{false, true} {
		if err := p.Add(t.Context(), large, own); !errors.Is(err, ErrTxTooBig) {
			t.Errorf("own %t: %v, want %v", own, err, ErrTxTooBig)
		}
	}
	add(t, bc, last)
	parent := chain[len(chain)-1]
	add(t, bc, mineChain(t, parent, testWallet(t, 1), 1, 2)...)
	wantPooled(t, p, large)
}

// A block that is taken off the chain may have had more room for a transaction than
// our next one has. That one is dropped, and the others do not wait for ever.
func TestTransactionFillsBlock(t *testing.T) {
	v := newVictim(t)
	v.pool.wallets.list = []*Wallet{v.alice}
	waiting := v.pool.Transactions()
	huge := v.payment(t)
	size := len(huge.Vouts[0].appendJSON(nil)) + len(", ")
	huge.Vouts = slices.Repeat(huge.Vouts[:1], (maxBlockBytes-2000)/size)
	huge.Sign(v.alice)
	v.pool.Update(Change{Removed: []*Block{{Transactions: []*Transaction{v.tip.Transactions[0], huge}}}})
	wantPooled(t, v.pool, append([]*Transaction{huge}, waiting...)...)

	block, dropped, err := v.pool.template(false)
	if err != nil || len(dropped) != 1 || !errors.Is(dropped[0].Err, ErrTxTooBig) {
		t.Errorf("dropped %v, %v", dropped, err)
	}
	if block == nil || len(block.Transactions) != 2 || block.Transactions[1] != waiting[0] {
		t.Errorf("got block %v, want the payment that waited in it", block)
	}
	wantPooled(t, v.pool, waiting...)
}

// forgeLast returns a payment of n inputs whose signatures are good, save the last.
// It gives bc the coins that they spend.
func forgeLast(tb testing.TB, bc *Blockchain, n int) *Transaction {
	chain, last := manyInputs(tb, n)
	add(tb, bc, chain...)
	tx := last.Transactions[1]
	tx.Vins[n-1].Signature = tx.Vins[0].Signature
	return tx
}

// A block and the payment that it confirms arrive at once: whichever comes
// first, the payment does not stay in the pool.
func TestPaymentArrivesWithItsBlock(t *testing.T) {
	t.Parallel()
	alice := testWallet(t, 0)
	bc := newChain(t)
	pool := newPool(t, bc)
	tip := mine(t, nil, alice, 0)
	add(t, bc, tip)
	for range 100 {
		tx := pay(t, alice, alice.Address(), 1, reward(t, tip))
		tip = mine(t, tip, alice, 0, tx)

		var adding sync.WaitGroup
		adding.Go(func() { pool.AddTransactions(context.Background(), rawTxs(tx)) })
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
	junk := pay(t, mallory, mallory.Address(), 1, reward(t, genesis))
	if err := p.Add(context.Background(), junk, false); err != nil {
		t.Fatal(err)
	}
	fillPool(p, junk)

	peers := pay(t, alice, alice.Address(), 1, reward(t, b))
	if err := p.Add(context.Background(), peers, false); !errors.Is(err, ErrPoolFull) {
		t.Errorf("a peer's payment: %v, want ErrPoolFull", err)
	}
	peers.Vins[0].Signature = junk.Vins[0].Signature // to find that out takes long, with many inputs
	if err := p.Add(context.Background(), peers, false); !errors.Is(err, ErrPoolFull) {
		t.Errorf("a peer's payment, not signed: %v, want ErrPoolFull", err)
	}
	own := pay(t, alice, mallory.Address(), 7, reward(t, b))
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
	fillPool(p, pay(t, mallory, mallory.Address(), 1, reward(t, genesis)))

	own := pay(t, alice, mallory.Address(), 7, reward(t, b))
	if err := p.Add(context.Background(), own, true); err != nil {
		t.Fatal(err)
	}
	add(t, p.bc, mine(t, b, alice, 0))
	if !p.Has(own.TxID) {
		t.Error("it is gone")
	}
}

// A pool that can never be full would stop mining for ever.
func TestPoolSizeIsReached(t *testing.T) {
	for _, size := range []int{-1, 0, maxPoolTxs + 1, maxBlockTxs} {
		config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: size}
		n, err := OpenNode(t.Context(), config, slog.New(slog.DiscardHandler))
		if err == nil {
			n.close()
			t.Errorf("a node starts with a pool of %d, which holds %d", size, maxPoolTxs)
		}
	}
	startNode(t, NodeConfig{PoolSize: maxPoolTxs})
}

// Transactions of rolled-back blocks return to the pool, in front of what is
// there and in their order, if they can still be mined; what the branch
// confirms or spends does not. In the Python program they are lost.
func TestReturnedTransactions(t *testing.T) {
	w, other := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	pool := newPool(t, bc)
	chain := mineChain(t, nil, w, 0, 6)
	tip := chain[5]
	add(t, bc, chain...)
	made := func(i int) Coin { return reward(t, chain[i]) }

	// Branch a confirms payments while two others wait.
	parent := pay(t, w, other.Address(), 100, made(0))
	child := pay(t, other, w.Address(), 50, coin(t, parent, 0))
	both := pay(t, w, other.Address(), 200, made(1))
	contested := pay(t, w, other.Address(), 300, made(2))
	a1 := mine(t, tip, w, 1, parent, child, both)
	ofReward := pay(t, w, other.Address(), 7, reward(t, a1))
	a2 := mine(t, a1, w, 1, contested, ofReward)
	a3 := mine(t, a2, w, 1, pay(t, other, w.Address(), 3, coin(t, ofReward, 0)))
	waiting := pay(t, w, other.Address(), 400, made(3))
	spentLater := pay(t, w, other.Address(), 500, made(4))
	for _, tx := range []*Transaction{waiting, spentLater} {
		if err := pool.Add(context.Background(), tx, false); err != nil {
			t.Fatal(err)
		}
	}
	add(t, bc, a1, a2, a3)
	wantPooled(t, pool, waiting, spentLater)

	// Branch b confirms one of them too, and spends the coins of two others.
	rival, later := pay(t, w, other.Address(), 301, made(2)), pay(t, w, other.Address(), 501, made(4))
	b1 := mine(t, tip, w, 2, both, rival)
	b2 := mine(t, b1, w, 2, later)
	add(t, bc, append([]*Block{b1, b2}, mineChain(t, b2, w, 2, 2)...)...)
	wantPooled(t, pool, parent, child, waiting)
	select {
	case <-pool.filled:
	default:
		t.Error("the miner does not know that the pool is full")
	}

	// And back: nothing is there twice, and what b spent is there again, save
	// where a spends the same.
	add(t, bc, mineChain(t, a3, w, 1, 2)...)
	wantPooled(t, pool, later, waiting)
	checkWhole(t, bc)
}

// Blocks of two branches may be taken off in one change, and hold the same
// payment. It returns to the pool once.
func TestReturnedOnce(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	p, genesis := runPool(t, alice)
	tx := pay(t, alice, bob.Address(), 1, reward(t, genesis))
	a, b := mine(t, genesis, alice, 0, tx), mine(t, genesis, alice, 1, tx)
	c := mine(t, genesis, alice, 2)
	add(t, p.bc, c) // the tip: a and b are beside it
	add(t, p.bc, a)
	add(t, p.bc, b)

	p.Update(Change{Removed: []*Block{a, b}, Added: []*Block{c}})
	wantPooled(t, p, tx)
}

// However much a long branch takes back, step by step, the pool keeps its bounds,
// and holds nothing else in memory.
func TestReturnedTransactionsAreBounded(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	pool := newPool(t, bc)

	const blocks = 22
	chain := mineChain(t, nil, w, 0, blocks)
	add(t, bc, chain...)

	// Store blocks beside the chain, each with a payment of almost a MiB. Their
	// text is not an address: to sign and check so many outputs would take long.
	var hashes []string
	text := strings.Repeat("1", maxBlockBytes-2048)
	for i := range blocks {
		b := mine(t, chain[blocks-1], w, i)
		large := pay(t, w, w.Address(), 1, reward(t, chain[i]))
		large.Vouts[0].PubKeyHash = text
		gone := pay(t, w, w.Address(), 1, reward(t, b))
		b.Transactions = append(b.Transactions, large, gone)
		b.Header.HashMerkleRoot = b.merkleRoot()
		b.Header.Hash = b.Header.hash()
		storeAside(t, bc, b)
		hashes = append(hashes, b.Header.Hash)
	}

	runtime.GC()
	before := heapAlloc()
	for i, hash := range hashes {
		b := must(bc.BlockByHash(hash))(t)
		pool.Update(Change{Removed: []*Block{b}, more: i < blocks-1})

		var size int
		for _, tx := range pool.Transactions() {
			size += len(tx.AppendJSON(nil))
		}
		if size > maxPoolBytes || size != pool.bytes {
			t.Errorf("pool holds %d bytes and counts %d, at most %d", size, pool.bytes, maxPoolBytes)
		}
		runtime.GC()
		if after := heapAlloc(); after > before+maxPoolBytes*5/4 {
			t.Errorf("heap grew from %d to %d MiB for a pool of %d", before>>20, after>>20, maxPoolBytes>>20)
		}
	}
	if n := pool.Len(); n == 0 || n == blocks {
		t.Errorf("%d transactions are back, of %d that are too many", n, blocks)
	}
}

// storeAside stores a block beside the chain, unchecked.
func storeAside(t testing.TB, bc *Blockchain, b *Block) {
	t.Helper()
	err := bc.db.Update(func(tx *bolt.Tx) error { return chain{tx}.store(candidates(t, bc, b)[0]) })
	if err != nil {
		t.Fatal(err)
	}
}
