package main

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

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

// An invalid block takes with it what stands on it. Otherwise whoever sends it
// again, with one more block at the end of its branch, would have the whole
// chain rolled back each time for nothing.
func TestInvalidBranchIsForgotten(t *testing.T) {
	f := newForest(t, 17)
	const length = 50
	root := f.grow(nil)
	bc := newChain(t)
	add(t, bc, root.Block)
	for b := root.Block; b.Header.Height < length; {
		b = mine(t, b, f.wallets[0], 0)
		add(t, bc, b)
	}
	tip := tipOf(t, bc)
	bad, rule := f.spoil(root)
	branch := []*Block{bad.Block}
	for len(branch) < length+2 {
		branch = append(branch, mine(t, branch[len(branch)-1], f.wallets[0], 1))
	}
	offshoot := mine(t, branch[length-3], f.wallets[0], 2)
	for _, step := range []struct {
		name string
		sent []*Block
		want error
		most int64 // times asked whether to go on
	}{
		{"not longer", branch[:length], nil, 500},
		{"an offshoot", []*Block{offshoot, mine(t, offshoot, f.wallets[0], 2)}, nil, 50},
		{"longer", branch[length : length+1], rule, 500},
		{"the bad block again", branch[:1], nil, 50},
		{"and one more", branch[length:], ErrParent, 50},
		{"on the offshoot", []*Block{offshoot, mine(t, offshoot, f.wallets[0], 2)}, ErrParent, 50},
	} {
		ctx := &heapContext{Context: context.Background()}
		if err := bc.AddBlocks(ctx, raws(step.sent...)); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
		if got := ctx.asked.Load(); got > step.most {
			t.Errorf("%s: asked %d times whether to go on, want at most %d", step.name, got, step.most)
		}
	}
	last := mine(t, mine(t, offshoot, f.wallets[0], 2), f.wallets[0], 2)
	for range 2 {
		next := mine(t, last, f.wallets[0], 2)
		ctx := &heapContext{Context: context.Background()}
		err := bc.AddBlocks(ctx, raws(last, next))
		if got := ctx.asked.Load(); !errors.Is(err, ErrParent) || got > 50 {
			t.Errorf("what hangs in the air: asked %d times whether to go on, error %v", got, err)
		}
		last = next
	}
	if got := tipOf(t, bc); got.ref() != tip.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), tip.ref())
	}
	checkWhole(t, bc)
}

// When the blocks beside the chain take too much room, all go but those of the
// branch that is being added to.
func TestPrunedBranches(t *testing.T) {
	f := newForest(t, 13)
	root := f.grow(nil)
	grow := func(n int) (branch []*treeBlock) {
		b := root
		for range n {
			b = f.grow(b)
			branch = append(branch, b)
		}
		return branch
	}
	ours, theirs, others := grow(6), grow(8), grow(5)
	bc := newChain(t)
	add(t, bc, ours[5].path()...)
	add(t, bc, others[4].path()...)
	add(t, bc, theirs[2].path()...)
	grown := func(by int64) {
		err := bc.db.Update(func(tx *bolt.Tx) error {
			side := tx.Bucket(bucketSide)
			return side.SetSequence(uint64(int64(side.Sequence()) + by))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	grown(sideMax)
	add(t, bc, theirs[3].Block)
	grown(-sideMax)
	checkWhole(t, bc)
	for _, b := range others {
		if _, err := bc.BlockByHash(b.Header.Hash); !errors.Is(err, ErrNoBlock) {
			t.Errorf("block %v: %v, want ErrNoBlock", b.ref(), err)
		}
	}
	if err := bc.AddBlocks(context.Background(), raws(f.grow(others[4]).Block)); !errors.Is(err, ErrParent) {
		t.Errorf("on top of what is gone: %v, want ErrParent", err)
	}
	for _, b := range theirs[4:] {
		add(t, bc, b.Block)
	}
	if got := tipOf(t, bc); got.ref() != theirs[7].ref() || !maps.Equal(coins(t, bc), theirs[7].coins) {
		t.Errorf("tip is %v, want %v", got.ref(), theirs[7].ref())
	}
	add(t, bc, others[4].path()...) // they may come again
	checkWhole(t, bc)
}

// A switch in steps that was called off goes on when the next block comes. What
// it needs is not pruned before.
func TestPruneKeepsWhatIsHigher(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	a := mine(t, genesis, w, 0)
	b := mine(t, a, w, 0)
	add(t, bc, genesis, a, b)
	err := bc.db.Update(func(tx *bolt.Tx) error {
		_, err := chain{tx}.rollBack(b.ref())
		return errors.Join(err, tx.Bucket(bucketSide).SetSequence(2*sideMax))
	})
	if err != nil {
		t.Fatal(err)
	}
	add(t, bc, mine(t, genesis, w, 1))
	if got := tipOf(t, bc); got.ref() != b.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), b.ref())
	}
}

// A fork of 1,000 blocks is switched in one bolt transaction, and not held in
// memory.
func TestLongFork(t *testing.T) {
	f := newForest(t, 5)
	genesis := f.grow(nil)
	bc := newChain(t)
	add(t, bc, genesis.Block)
	grow := func(n int) (branch []*Block) {
		b, w := genesis.Block, f.wallet()
		for i := range n {
			var txs []*Transaction
			if i%10 == 1 { // spends what its own branch made
				txs = append(txs, pay(t, w, f.wallet().Address(), 1+f.rng.Int64N(999), coin(t, b.Transactions[0], 0)))
			}
			f.salt++
			b = mine(t, b, w, f.salt, txs...)
			branch = append(branch, b)
		}
		return branch
	}
	ours, theirs := grow(1000), grow(1001)
	add(t, bc, ours...)
	for rest := theirs[:1000]; len(rest) > 0; rest = rest[125:] {
		add(t, bc, rest[:125]...)
	}
	if got := tipOf(t, bc); got.ref() != ours[999].ref() {
		t.Fatalf("tip is %v, want %v", got.ref(), ours[999].ref())
	}
	last := raws(theirs[1000])
	writes := func() (id int) {
		bc.db.View(func(tx *bolt.Tx) error { id = tx.ID(); return nil })
		return id
	}
	runtime.GC()
	ctx := &heapContext{Context: context.Background()}
	before, id := heapAlloc(), writes()
	if err := bc.AddBlocks(ctx, last); err != nil {
		t.Fatal(err)
	}
	if got := writes() - id; got != 1 {
		t.Errorf("switched in %d bolt transactions, want 1", got)
	}
	if ctx.asked.Load() < 2001 {
		t.Errorf("asked %d times whether to go on, for 2001 blocks", ctx.asked.Load())
	}
	if peak := ctx.peak.Load(); peak > before+64<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
	}
	if got := tipOf(t, bc); got.ref() != theirs[1000].ref() {
		t.Fatalf("tip is %v, want %v", got.ref(), theirs[1000].ref())
	}
	checkWhole(t, bc)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	state := bucketDump(t, bc)
	more := mine(t, ours[999], f.wallet(), 0)
	if err := bc.AddBlocks(cancelled, raws(more, mine(t, more, f.wallet(), 0))); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	if bucketDump(t, bc) != state {
		t.Error("a switch called off left a trace")
	}
}

// fatBranch returns n blocks on top of parent whose coinbases make a thousand
// coins each.
func fatBranch(t *testing.T, parent *Block, w *Wallet, n int) (branch []*Block) {
	for range n {
		now := time.Unix(1_700_000_000+int64(parent.Header.Height), 0)
		coinbase := NewCoinbase(w.Address(), now)
		coinbase.Vouts = slices.Repeat([]TXOutput{{1, w.Address()}}, Subsidy)
		coinbase.TxID = coinbase.ID()
		parent = NewBlock(&parent.Header, []*Transaction{coinbase}, now)
		if err := (ProofOfWork{&parent.Header}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		branch = append(branch, parent)
	}
	return branch
}

// lightFork returns a chain with a branch of 30 light blocks, those blocks, and
// a fat branch of 31, of which all but the last are stored beside the chain.
func lightFork(t *testing.T, path string) (bc *Blockchain, light, fat []*Block) {
	t.Helper()
	w := testWallet(t, 0)
	bc = openChain(t, path)
	genesis := mine(t, nil, w, 0)
	for parent := genesis; len(light) < 30; parent = light[len(light)-1] {
		light = append(light, mine(t, parent, w, 1))
	}
	add(t, bc, append([]*Block{genesis}, light...)...)
	fat = fatBranch(t, genesis, w, 31)
	for some := range slices.Chunk(fat[:30], 15) {
		add(t, bc, some...)
	}
	return bc, light, fat
}

// bolt holds in memory what a transaction changes, so a branch that changes many
// coins is switched to in steps; to those who follow the chain it is one change.
func TestFatFork(t *testing.T) {
	bc, light, fat := lightFork(t, filepath.Join(t.TempDir(), "chain.db"))
	var changes []Change
	bc.onChange = func(c Change) { changes = append(changes, c) }
	runtime.GC()
	ctx := &heapContext{Context: context.Background()}
	before := heapAlloc()
	if err := bc.AddBlocks(ctx, raws(fat[30])); err != nil {
		t.Fatal(err)
	}
	if peak := ctx.peak.Load(); peak > before+48<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
	}
	if got := tipOf(t, bc); got.ref() != fat[30].ref() {
		t.Errorf("tip is %v, want %v", got.ref(), fat[30].ref())
	}
	refs := func(blocks []*Block) (refs []blockRef) {
		for _, b := range blocks {
			refs = append(refs, b.ref())
		}
		return refs
	}
	if want := (Change{refs(light), refs(fat)}); len(changes) != 1 || !reflect.DeepEqual(changes[0], want) {
		t.Errorf("changes are %v, want %v", changes, want)
	}
	checkWhole(t, bc)
}

// A switch in steps that is called off, or cut off by a crash, leaves a whole
// chain, and goes on when the chain is opened again.
func TestFatForkIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chain.db")
	bc, light, fat := lightFork(t, path)
	var ctx endingContext
	ctx.Context = context.Background()
	ctx.left.Store(66) // it is asked for each block: 30 are rolled back, and 20 more end the first step
	if err := bc.AddBlocks(&ctx, raws(fat[30])); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want context.Canceled", err)
	}
	if got := tipOf(t, bc); got.ref() == light[29].ref() || got.ref() == fat[30].ref() {
		t.Errorf("tip is %v, want one between", got.ref())
	}
	checkWhole(t, bc)
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	bc = openChain(t, path)
	if got := tipOf(t, bc); got.ref() != fat[30].ref() {
		t.Errorf("tip is %v, want %v", got.ref(), fat[30].ref())
	}
	checkWhole(t, bc)
}

// After a switch in steps to a branch that ends in an invalid block, the chain
// is what it was.
func TestFatForkIsInvalid(t *testing.T) {
	bc, light, fat := lightFork(t, filepath.Join(t.TempDir(), "chain.db"))
	w := testWallet(t, 0)
	unknown := pay(t, w, w.Address(), 1, coin(t, mine(t, nil, w, 5).Transactions[0], 0))
	before := coins(t, bc)
	if err := bc.AddBlocks(context.Background(), raws(mine(t, fat[29], w, 0, unknown))); !errors.Is(err, ErrNoCoin) {
		t.Errorf("error is %v, want ErrNoCoin", err)
	}
	if got := tipOf(t, bc); got.ref() != light[29].ref() || !maps.Equal(coins(t, bc), before) {
		t.Errorf("tip is %v, want %v", got.ref(), light[29].ref())
	}
	checkWhole(t, bc)
	add(t, bc, fat[30])
	if got := tipOf(t, bc); got.ref() != fat[30].ref() {
		t.Errorf("tip is %v, want %v", got.ref(), fat[30].ref())
	}
}

// A heapContext notes how large the heap is each time somebody asks whether to
// go on.
type heapContext struct {
	context.Context
	asked atomic.Int64
	peak  atomic.Uint64
}

func (c *heapContext) Err() error {
	if c.asked.Add(1)%100 == 0 {
		c.peak.Store(max(c.peak.Load(), heapAlloc()))
	}
	return c.Context.Err()
}

func heapAlloc() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
