package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
)

// A longer branch replaces ours in one step, coins that it does not spend are
// restored, and it may spend coins of its own. The Python program restores no
// coin, checks a branch against the chain that it is to replace, and throws
// away the block that made it switch.
func TestSwitchBranch(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	a1 := mine(t, genesis, w, 1, pay(t, w, testWallet(t, 1).Address(), 100, reward(t, genesis)))
	b1 := mine(t, genesis, w, 2)
	b2 := mine(t, b1, w, 2, pay(t, w, testWallet(t, 2).Address(), 5, reward(t, b1)))

	bc := newChain(t)
	add(t, bc, genesis, a1)
	before := coins(t, bc)
	add(t, bc, b1)
	wantTip(t, bc, a1) // the first seen

	var change Change
	bc.onChange = func(c Change) { change = c }
	add(t, bc, b2)
	wantTip(t, bc, b2)
	if len(change.Removed) != 1 || change.Removed[0].ref() != a1.ref() || len(change.Added) != 2 {
		t.Errorf("change is %v", change)
	}
	want := newChain(t)
	add(t, want, genesis, b1, b2)
	if got := coins(t, bc); !maps.Equal(got, coins(t, want)) {
		t.Errorf("UTXO set is %v, want %v", got, coins(t, want))
	}

	add(t, bc, mineChain(t, a1, w, 1, 2)...) // and back
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
	theft := pay(t, testWallet(t, 1), testWallet(t, 1).Address(), 1000, reward(t, genesis))
	b3 := mine(t, b2, w, 2, theft)
	b4 := mine(t, b3, w, 2)

	t.Run("valid part is longer", func(t *testing.T) {
		bc := newChain(t)
		add(t, bc, genesis, a1)
		refuse(t, bc, ErrNotOwner, b1, b2, b3, b4)
		wantTip(t, bc, b2)
	})
	t.Run("valid part is not longer", func(t *testing.T) {
		bc := newChain(t)
		a2 := mine(t, a1, w, 1)
		add(t, bc, genesis, a1, a2)
		before := coins(t, bc)
		add(t, bc, b1) // kept aside
		refuse(t, bc, ErrNotOwner, b2, b3, b4)
		wantTip(t, bc, a2)
		if !maps.Equal(coins(t, bc), before) {
			t.Error("a coin moved")
		}
		refuse(t, bc, ErrParent, b4) // what it stands on is invalid
	})
}

// An invalid block takes with it what stands on it. Otherwise whoever sends it
// again, with one more block at the end of its branch, would have the whole
// chain rolled back each time for nothing.
func TestInvalidBranchIsForgotten(t *testing.T) {
	const length = 50
	f := newForest(t, 17)
	w := f.wallets[0]
	root := f.grow(nil)
	bc := newChain(t)
	ours := mineChain(t, root.Block, w, 0, length)
	add(t, bc, append([]*Block{root.Block}, ours...)...)

	bad, rule := f.spoil(root)
	branch := append([]*Block{bad.Block}, mineChain(t, bad.Block, w, 1, length+1)...)
	offshoot := mineChain(t, branch[length-3], w, 2, 2)
	for _, step := range []struct {
		name string
		sent []*Block
		want error
		most int64 // times asked whether to go on
	}{
		{"not longer", branch[:length], nil, 500},
		{"an offshoot", offshoot, nil, 50},
		{"longer", branch[length : length+1], rule, 500},
		{"the bad block again", branch[:1], nil, 50},
		{"and one more", branch[length:], ErrParent, 50},
		{"the offshoot again", offshoot, nil, 50},
	} {
		ctx := &heapContext{Context: context.Background()}
		if err := bc.AddBlocks(ctx, raws(step.sent...)); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
		if got := ctx.asked.Load(); got > step.most {
			t.Errorf("%s: asked %d times whether to go on, want at most %d", step.name, got, step.most)
		}
	}

	hanging := mineChain(t, offshoot[1], w, 2, 2)
	refuse(t, bc, ErrParent, append(offshoot, hanging...)...)
	refuse(t, bc, ErrParent, hanging[1])
	wantTip(t, bc, ours[length-1])
	checkWhole(t, bc)
}

// growSide adds to the size that is noted of the blocks beside the chain.
func growSide(t *testing.T, bc *Blockchain, by int64) {
	t.Helper()
	err := bc.db.Update(func(tx *bolt.Tx) error {
		side := tx.Bucket(bucketSide)
		return side.SetSequence(uint64(int64(side.Sequence()) + by))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A branch that is stored costs next to nothing when it is sent again, and again:
// its blocks are passed over by their headers, whatever else there is in them.
func TestStoredBlocksArePassedOver(t *testing.T) {
	f := newForest(t, 19)
	root := f.grow(nil)
	ours, theirs := f.branch(root, 9), f.branch(root, 8)
	bc := newChain(t)
	add(t, bc, ours[8].path()...)
	add(t, bc, theirs[7].path()...)
	before := bucketDump(t, bc)

	again := raws(theirs[7].path()...)
	for i, raw := range again {
		again[i] = bytes.Replace(raw, []byte(`"transactions": [`), []byte(`"transactions": [false, `), 1)
	}
	ctx := &heapContext{Context: context.Background()}
	if err := bc.AddBlocks(ctx, again); err != nil || ctx.asked.Load() > 0 {
		t.Errorf("asked %d times whether to go on; error %v", ctx.asked.Load(), err)
	}
	if bucketDump(t, bc) != before {
		t.Error("blocks that were stored left a trace")
	}

	next := f.branch(theirs[7], 2)
	if err := bc.AddBlocks(ctx, append(again, raws(next[0].Block, next[1].Block)...)); err != nil {
		t.Error(err)
	}
	wantTip(t, bc, next[1].Block)
	checkWhole(t, bc)
}

// A branch that has parted from the chain too deep below the tip is refused,
// before it is checked or stored. To grow is no reorganisation, however much.
func TestTooDeep(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	now := time.Now()
	bc.now = func() time.Time { return now }
	bc.deep = now
	genesis := mine(t, nil, w, 0)
	theirs := mineChain(t, genesis, w, 1, maxReorg+2)
	ours := mineChain(t, genesis, w, 2, maxReorg)
	add(t, bc, append([]*Block{genesis}, ours...)...)

	add(t, bc, theirs[:maxReorg]...) // as deep as may be: kept beside the chain
	next := mine(t, ours[maxReorg-1], w, 2)
	add(t, bc, next)

	before := bucketDump(t, bc)
	unchecked := mineChain(t, genesis, w, 3, 2)
	unchecked[0].Header.Nonce++
	for name, branch := range map[string][]*Block{"what is stored grows": theirs, "another, not checked": unchecked} {
		err := bc.AddBlocks(t.Context(), raws(branch...))
		if want := "1001 blocks below our tip"; !errors.Is(err, network.ErrTooDeep) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want ErrTooDeep, %s", name, err, want)
		}
	}
	if bucketDump(t, bc) != before {
		t.Error("a branch that is too deep left a trace")
	}

	// Who is far behind, and has some blocks of its own, catches up.
	behind := newChain(t)
	behind.deep = time.Now()
	add(t, behind, genesis, ours[0], ours[1])
	add(t, behind, theirs...)
	wantTip(t, behind, theirs[maxReorg+1])
	checkWhole(t, behind)

	// After a while a branch may be as deep as it likes, once.
	now = now.Add(deepPause)
	add(t, bc, theirs...)
	wantTip(t, bc, theirs[maxReorg+1])
	refuse(t, bc, network.ErrTooDeep, mineChain(t, next, w, 2, 2)...)
	checkWhole(t, bc)
}

// Whoever feeds two nodes a branch each, or a newcomer a false start, before they
// hear of each other, does not split them for good, however long the branches are.
func TestDeepSplitHeals(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	honest, wrong := mineChain(t, genesis, w, 1, maxReorg+20), mineChain(t, genesis, w, 2, maxReorg+1)
	newcomer := newChain(t)
	add(t, newcomer, append([]*Block{genesis}, wrong...)...)
	for batch := range slices.Chunk(honest, 300) {
		add(t, newcomer, batch...)
	}
	wantTip(t, newcomer, honest[maxReorg+19])
	checkWhole(t, newcomer)
}

// A branch that comes in parts stays, though others send blocks in between and
// there are too many: without its beginning the honest peer who sends the rest
// would be taken for a liar.
func TestPartsOfABranchStay(t *testing.T) {
	f := newForest(t, 21)
	root := f.grow(nil)
	ours, theirs := f.branch(root, 6), f.branch(root, 8)
	bc := newChain(t)
	add(t, bc, ours[5].path()...)
	add(t, bc, theirs[2].path()...)

	growSide(t, bc, maxSideBytes)
	for range 20 {
		add(t, bc, f.grow(ours[4]).Block)
	}
	growSide(t, bc, -maxSideBytes)
	for _, b := range theirs[3:] {
		add(t, bc, b.Block)
	}
	wantTip(t, bc, theirs[7].Block)
	checkWhole(t, bc)
}

// What is too deep to become the chain is forgotten, and so are the lowest blocks
// beside the chain when there are too many.
func TestPruneDeepAndMany(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	chain := mineChain(t, nil, w, 0, maxReorg+20)
	add(t, bc, chain[:10]...)
	for salt := range 3 {
		add(t, bc, mineChain(t, chain[4], w, 1+salt, 3)...)
	}
	bc.ends = nil // as if that had been long ago
	side := func() (refs []blockRef) {
		bc.db.View(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketSide).ForEach(func(k, _ []byte) error { refs = append(refs, decodeRef(k)); return nil })
		})
		return refs
	}
	if got := len(side()); got != 9 {
		t.Fatalf("%d blocks beside the chain, want 9", got)
	}

	add(t, bc, chain[10:maxReorg+6]...) // the tip's height is one less
	if got := side(); len(got) != 6 || got[0].height != 6 {
		t.Errorf("%v are beside the chain, want 6, the lowest at 6", got)
	}
	add(t, bc, chain[maxReorg+6:]...)
	if got := side(); len(got) > 0 {
		t.Errorf("%v are too deep", got)
	}
	checkWhole(t, bc)

	for range 12 { // far more than there is room for
		storeMany(t, bc, maxPruned)
	}
	tip := mine(t, chain[maxReorg+19], w, 0)
	add(t, bc, tip)
	if got := len(side()); got > maxSideBlocks+maxPruned {
		t.Errorf("%d blocks are beside the chain, at most %d", got, maxSideBlocks)
	}
	add(t, bc, mine(t, tip, w, 0))
	if got := len(side()); got > maxSideBlocks {
		t.Errorf("%d blocks are beside the chain, at most %d", got, maxSideBlocks)
	}
}

// When the blocks beside the chain take too much room, all go but those of the
// branch that is being added to.
func TestPrunedBranches(t *testing.T) {
	f := newForest(t, 13)
	root := f.grow(nil)
	ours, theirs, others := f.branch(root, 6), f.branch(root, 8), f.branch(root, 5)
	bc := newChain(t)
	add(t, bc, ours[5].path()...)
	add(t, bc, others[4].path()...)
	add(t, bc, theirs[2].path()...)
	bc.ends = nil // as if that had been long ago

	growSide(t, bc, maxSideBytes)
	add(t, bc, theirs[3].Block)
	growSide(t, bc, -maxSideBytes)
	checkWhole(t, bc)
	for _, b := range others {
		if _, err := bc.BlockByHash(b.Header.Hash); !errors.Is(err, ErrNoBlock) {
			t.Errorf("block %v: %v, want ErrNoBlock", b.ref(), err)
		}
	}
	refuse(t, bc, ErrParent, f.grow(others[4]).Block) // on top of what is gone

	for _, b := range theirs[4:] {
		add(t, bc, b.Block)
	}
	wantTip(t, bc, theirs[7].Block)
	if !maps.Equal(coins(t, bc), theirs[7].coins) {
		t.Error("UTXO set is not that of the tip")
	}
	add(t, bc, others[4].path()...) // they may come again
	checkWhole(t, bc)
}

// calledOffChain returns a chain that was called off on its way to the last of the
// blocks, which are all stored.
func calledOffChain(t *testing.T, w *Wallet) (bc *Blockchain, blocks []*Block) {
	t.Helper()
	bc, blocks = newChain(t), mineChain(t, nil, w, 0, 3)
	add(t, bc, blocks...)
	err := bc.update(func(tx *bolt.Tx) error {
		_, err := chain{tx}.rollBack()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bc, blocks
}

// A switch in steps that was called off goes on when the next block comes. What
// it needs is not pruned before.
func TestPruneKeepsWhatIsHigher(t *testing.T) {
	w := testWallet(t, 0)
	bc, blocks := calledOffChain(t, w)
	growSide(t, bc, 2*maxSideBytes)
	add(t, bc, mine(t, blocks[0], w, 1))
	wantTip(t, bc, blocks[2])
}

// It also goes on when a block comes that is stored.
func TestSwitchGoesOn(t *testing.T) {
	bc, blocks := calledOffChain(t, testWallet(t, 0))
	add(t, bc, blocks[1])
	wantTip(t, bc, blocks[2])
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

// A fork of 1,000 blocks is switched in one bolt transaction, and not held in
// memory. -short has 100.
func TestLongFork(t *testing.T) {
	length := 1000
	if testing.Short() {
		length = 100
	}
	f := newForest(t, 5)
	genesis := f.grow(nil)
	bc := newChain(t)
	add(t, bc, genesis.Block)
	grow := func(n int) (branch []*Block) {
		b, w := genesis.Block, f.wallet()
		for i := range n {
			var txs []*Transaction
			if i%10 == 1 { // spends what its own branch made
				txs = append(txs, pay(t, w, f.wallet().Address(), 1+f.rng.Int64N(999), reward(t, b)))
			}
			f.salt++
			b = mine(t, b, w, f.salt, txs...)
			branch = append(branch, b)
		}
		return branch
	}

	// Theirs waits beside ours; one more block makes it the longer.
	ours, theirs := grow(length), grow(length+1)
	add(t, bc, ours...)
	for some := range slices.Chunk(theirs[:length], 125) {
		add(t, bc, some...)
	}
	wantTip(t, bc, ours[length-1])
	last := raws(theirs[length])
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
	if got, blocks := ctx.asked.Load(), int64(2*length+1); got < blocks {
		t.Errorf("asked %d times whether to go on, for %d blocks", got, blocks)
	}
	if peak := ctx.peak.Load(); peak > before+64<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
	}
	wantTip(t, bc, theirs[length])
	checkWhole(t, bc)

	// And back, but called off.
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	state := bucketDump(t, bc)
	more := mineChain(t, ours[length-1], f.wallet(), 0, 2)
	if err := bc.AddBlocks(cancelled, raws(more...)); !errors.Is(err, context.Canceled) {
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
		parent = work(t, NewBlock(&parent.Header, []*Transaction{coinbase}, now))
		branch = append(branch, parent)
	}
	return branch
}

// fatFork returns a chain with a branch of 30 light blocks, those blocks, and a
// fat branch of 31, of which all but the last are stored beside the chain. It
// takes about a second: -short does without.
func fatFork(t *testing.T, path string) (bc *Blockchain, light, fat []*Block) {
	t.Helper()
	if testing.Short() {
		t.Skip("a fat fork takes a second")
	}
	w := testWallet(t, 0)
	bc = openChain(t, path)
	genesis := mine(t, nil, w, 0)
	light = mineChain(t, genesis, w, 1, 30)
	add(t, bc, append([]*Block{genesis}, light...)...)
	fat = fatBranch(t, genesis, w, 31)
	for some := range slices.Chunk(fat[:30], 15) {
		add(t, bc, some...)
	}
	return bc, light, fat
}

// bolt holds in memory what a transaction changes, so a branch that changes many
// coins is switched to in steps. Whoever follows the chain is told of each, and
// which is the last; the log tells once.
func TestFatFork(t *testing.T) {
	bc, light, fat := fatFork(t, filepath.Join(t.TempDir(), "chain.db"))
	logs := newLogCounter(slog.LevelDebug)
	bc.log = slog.New(logs)
	var removed, added []blockRef
	var more []bool
	bc.onChange = func(c Change) {
		if got := tipOf(t, bc).ref(); got != c.tip {
			t.Errorf("told of %v when the tip is %v", c.tip, got)
		}
		removed, added = append(refs(c.Removed), removed...), append(added, refs(c.Added)...)
		more = append(more, c.more)

		changed := 0
		for _, b := range append(c.Removed, c.Added...) {
			changed += b.coins()
		}
		if most := stepCoins + fat[0].coins(); changed > most {
			t.Errorf("a step changes %d coins, at most %d", changed, most)
		}
	}

	runtime.GC()
	ctx := &heapContext{Context: context.Background()}
	before := heapAlloc()
	if err := bc.AddBlocks(ctx, raws(fat[30])); err != nil {
		t.Fatal(err)
	}
	if peak := ctx.peak.Load(); peak > before+48<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
	}
	wantTip(t, bc, fat[30])
	if !slices.Equal(removed, refs(light)) || !slices.Equal(added, refs(fat)) || !slices.Equal(more, []bool{true, false}) {
		t.Errorf("removed %v, added %v, more to come: %v", removed, added, more)
	}
	if got := logs.count("branch switched"); got != 1 {
		t.Errorf("told %d times of the switch, want once", got)
	}
	checkWhole(t, bc)
}

func refs(blocks []*Block) (refs []blockRef) {
	for _, b := range blocks {
		refs = append(refs, b.ref())
	}
	return refs
}

// A switch in steps that is called off, or cut off by a crash, leaves a whole
// chain, and goes on when the chain is opened again. That, too, can be called
// off.
func TestFatForkIsCutOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chain.db")
	bc, light, fat := fatFork(t, path)
	ctx := endAfter(t, 66) // it is asked for each block: 30 are rolled back, and 20 more end the first step
	if err := bc.AddBlocks(ctx, raws(fat[30])); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want context.Canceled", err)
	}
	if got := tipOf(t, bc); got.ref() == light[29].ref() || got.ref() == fat[30].ref() {
		t.Errorf("tip is %v, want one between", got.ref())
	}
	checkWhole(t, bc)

	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	if _, err := OpenBlockchain(endAfter(t, 1), path, log); !errors.Is(err, context.Canceled) {
		t.Errorf("opening is called off: error is %v, want context.Canceled", err)
	}
	bc = openChain(t, path)
	wantTip(t, bc, fat[30])
	checkWhole(t, bc)
}

// After a switch in steps to a branch that ends in an invalid block, the chain
// is what it was.
func TestFatForkIsInvalid(t *testing.T) {
	t.Parallel()
	bc, light, fat := fatFork(t, filepath.Join(t.TempDir(), "chain.db"))
	w := testWallet(t, 0)
	unknown := pay(t, w, w.Address(), 1, reward(t, mine(t, nil, w, 5)))
	before := coins(t, bc)
	refuse(t, bc, ErrNoCoin, mine(t, fat[29], w, 0, unknown))
	wantTip(t, bc, light[29])
	if !maps.Equal(coins(t, bc), before) {
		t.Error("a coin moved")
	}
	checkWhole(t, bc)

	add(t, bc, fat[30])
	wantTip(t, bc, fat[30])
}

// storeMany notes n blocks beside the chain, one height below the tip.
func storeMany(t *testing.T, bc *Blockchain, n int) {
	t.Helper()
	height := tipOf(t, bc).Header.Height
	err := bc.db.Update(func(tx *bolt.Tx) error {
		for i := range n {
			b := &candidate{Block: new(Block), deflated: []byte{0}}
			b.Header = BlockHeader{Height: height, Hash: sha256Hex(fmt.Append(nil, tx.ID(), i)), PrevBlockHash: strings.Repeat("0", 64)}
			if err := (chain{tx}).store(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// If a switch in steps ends sooner than it was to, for what follows is invalid,
// the pool is told, and drops what has no coin any more.
func TestFatForkEndsEarly(t *testing.T) {
	if testing.Short() {
		t.Skip("a fat fork takes a second")
	}
	w := testWallet(t, 0)
	bc := newChain(t)
	pool := newPool(t, bc)
	genesis := mine(t, nil, w, 0)
	light := mineChain(t, genesis, w, 1, 3)
	add(t, bc, append([]*Block{genesis}, light...)...)
	payment := pay(t, w, w.Address(), 1, reward(t, light[0]))
	if err := pool.Add(t.Context(), payment, false); err != nil {
		t.Fatal(err)
	}

	var more []bool
	bc.onChange = func(c Change) {
		pool.Update(c)
		more = append(more, c.more)
		if pool.Has(payment.TxID) != c.more {
			t.Errorf("more to come: %t, payment pooled: %t", c.more, pool.Has(payment.TxID))
		}
	}
	fat := fatBranch(t, genesis, w, 20) // one step
	unknown := pay(t, w, w.Address(), 1, reward(t, mine(t, nil, w, 5)))
	refuse(t, bc, ErrNoCoin, append(fat, mine(t, fat[19], w, 0, unknown))...)
	wantTip(t, bc, fat[19])
	if !slices.Equal(more, []bool{true, false}) {
		t.Errorf("more to come: %v, want true, false", more)
	}
	checkWhole(t, bc)
}
