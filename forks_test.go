package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

// A treeBlock is a block of a random tree, with the coins that there are once
// it is the tip, as the test reckons them.
type treeBlock struct {
	*Block
	parent *treeBlock
	coins  map[Coin]bool
}

// path returns the blocks from the genesis block to b.
func (b *treeBlock) path() (blocks []*Block) {
	for ; b != nil; b = b.parent {
		blocks = append(blocks, b.Block)
	}
	slices.Reverse(blocks)
	return blocks
}

// A forest grows random trees of valid blocks from a seed.
type forest struct {
	t       testing.TB
	rng     *rand.Rand
	wallets []*Wallet
	salt    int
}

func newForest(t testing.TB, seed uint64) *forest {
	f := &forest{t: t, rng: rand.New(rand.NewPCG(seed, 0))}
	for i := range 4 {
		f.wallets = append(f.wallets, testWallet(t, i))
	}
	return f
}

func (f *forest) wallet() *Wallet { return f.wallets[f.rng.IntN(len(f.wallets))] }

// owner returns the wallet of a coin.
func (f *forest) owner(c Coin) *Wallet {
	for _, w := range f.wallets {
		if w.Address() == c.Owner.Address() {
			return w
		}
	}
	f.t.Fatalf("nobody owns %v", c)
	return nil
}

// sorted returns coins in one order, so that a seed gives the same tree again.
func sorted(coins map[Coin]bool) []Coin {
	return slices.SortedFunc(maps.Keys(coins), func(a, b Coin) int {
		return cmp.Or(cmp.Compare(a.TxID, b.TxID), a.Vout-b.Vout)
	})
}

// apply moves the test's own UTXO set over a transaction.
func apply(t testing.TB, set map[Coin]bool, tx *Transaction) {
	if !tx.IsCoinbase() {
		maps.DeleteFunc(set, func(c Coin, _ bool) bool {
			return slices.ContainsFunc(tx.Vins, func(in TXInput) bool { return in.OutPoint() == c.OutPoint })
		})
	}
	for i := range tx.Vouts {
		set[coin(t, tx, i)] = true
	}
}

// grow returns a block on top of parent. Its transactions spend whatever there
// is, outputs of each other too; blocks on other branches spend the same.
func (f *forest) grow(parent *treeBlock) *treeBlock {
	b := &treeBlock{parent: parent, coins: make(map[Coin]bool)}
	var txs []*Transaction
	var below *Block
	if parent != nil {
		below, b.coins = parent.Block, maps.Clone(parent.coins)
		for range f.rng.IntN(4) {
			list := sorted(b.coins)
			first := list[f.rng.IntN(len(list))]
			spent, sum := []Coin{first}, first.Value
			for _, c := range list {
				if c.Owner == first.Owner && c != first && f.rng.IntN(3) == 0 {
					spent, sum = append(spent, c), sum+c.Value
				}
			}
			tx := pay(f.t, f.owner(first), f.wallet().Address(), 1+f.rng.Int64N(sum), spent...)
			apply(f.t, b.coins, tx)
			txs = append(txs, tx)
		}
	}
	f.salt++
	b.Block = mine(f.t, below, f.wallet(), f.salt, txs...)
	apply(f.t, b.coins, b.Transactions[0])
	return b
}

// tree returns n blocks, each on top of one of the few before it.
func (f *forest) tree(n int) []*treeBlock {
	tree := []*treeBlock{f.grow(nil)}
	for len(tree) < n {
		back := 1 + f.rng.IntN(min(len(tree), 1+f.rng.IntN(12)))
		tree = append(tree, f.grow(tree[len(tree)-back]))
	}
	return tree
}

// bucketText returns the content of some buckets.
func bucketText(tx *bolt.Tx, names ...[]byte) string {
	var s strings.Builder
	for _, name := range names {
		fmt.Fprintf(&s, "%s\n", name)
		tx.Bucket(name).ForEach(func(k, v []byte) error {
			fmt.Fprintf(&s, "%x %x\n", k, v)
			return nil
		})
	}
	return s.String()
}

var errUndo = errors.New("only to look")

// checkWhole checks a chain from its genesis block up: each block by itself,
// that they hang together, that the UTXO set is what a plain replay gives and,
// with owners and undo records, what Reindex gives, that no coin was made or
// lost, and that what is noted of the blocks beside the chain adds up.
func checkWhole(t testing.TB, bc *Blockchain) {
	t.Helper()
	status, err := bc.Status()
	if err != nil {
		t.Fatal(err)
	}
	set, parent := make(map[OutPoint]TXOutput), ""
	for height := range status.Height + 1 {
		b, err := bc.BlockAt(height)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(t.Context(), bc.now()); err != nil {
			t.Error(err)
		}
		if b.Header.Height != height || b.Header.PrevBlockHash != parent {
			t.Errorf("block %d calls itself %d, after %s", height, b.Header.Height, b.Header.PrevBlockHash)
		}
		parent = b.Header.Hash
		for _, tx := range b.Transactions {
			for i := range tx.Vins {
				if _, ok := set[tx.Vins[i].OutPoint()]; !ok && !tx.IsCoinbase() {
					t.Errorf("block %d spends %v, which is not there", height, tx.Vins[i].OutPoint())
				}
				delete(set, tx.Vins[i].OutPoint())
			}
			for i, out := range tx.Vouts {
				set[OutPoint{tx.TxID, i}] = out
			}
		}
	}
	have, sum := coins(t, bc), int64(0)
	for c := range have {
		if out, ok := set[c.OutPoint]; !ok || out.Value != c.Value || out.PubKeyHash != c.Owner.Address() {
			t.Errorf("coin %v is in the set, and not in the chain", c)
		}
		sum += c.Value
	}
	if want := int64(Subsidy) * int64(status.Height+1); sum != want || len(have) != len(set) {
		t.Errorf("%d coins of %d outputs, want %d of %d", sum, len(have), want, len(set))
	}
	err = bc.db.Update(func(tx *bolt.Tx) error {
		before := bucketText(tx, bucketCoins, bucketOwners, bucketUndo)
		if err := (UTXOSet{tx}).Reindex(status.Height, bc.BlockAt); err != nil {
			return err
		}
		if bucketText(tx, bucketCoins, bucketOwners, bucketUndo) != before {
			t.Error("Reindex gives another UTXO set")
		}
		checkSide(t, chain{tx})
		return errUndo
	})
	if err != errUndo {
		t.Fatal(err)
	}
}

// checkSide checks that every stored block is either on the chain or noted as
// beside it, and that the sum of the sizes is right.
func checkSide(t testing.TB, c chain) {
	t.Helper()
	var sizes uint64
	side := c.tx.Bucket(bucketSide)
	side.ForEach(func(k, v []byte) error {
		sizes += uint64(v[0])<<24 | uint64(v[1])<<16 | uint64(v[2])<<8 | uint64(v[3])
		return nil
	})
	if sizes != side.Sequence() {
		t.Errorf("blocks beside the chain: %d bytes, noted %d", sizes, side.Sequence())
	}
	stored, on := c.tx.Bucket(bucketBlocks).Stats().KeyN, c.tip().height+1
	if beside := side.Stats().KeyN; stored != on+beside {
		t.Errorf("%d blocks stored, but %d on the chain and %d beside it", stored, on, beside)
	}
	if _, hash := c.tx.Bucket(bucketHeights).Cursor().Last(); fmt.Sprintf("%x", hash) != c.tip().hash {
		t.Errorf("the last height has %x, want %s", hash, c.tip().hash)
	}
}

// A receiver is a chain that gets the blocks of a tree in some order, and what
// the rules say of it so far.
type receiver struct {
	bc   *Blockchain
	has  map[*treeBlock]bool
	last *treeBlock // the tip: the first that came at its height
}

// deliver sends b in a batch with some of the blocks before it.
func (r *receiver) deliver(f *forest, b *treeBlock) {
	f.t.Helper()
	batch, first := []*treeBlock{b}, b
	for first.parent != nil && (f.rng.IntN(4) > 0 || f.rng.IntN(3) > 0 && !r.has[first.parent]) {
		first = first.parent
		batch = append([]*treeBlock{first}, batch...)
	}
	if first.parent == nil && r.last != nil && f.rng.IntN(2) == 0 && len(batch) > 1 {
		batch, first = batch[1:], batch[1]
	}
	var raw []json.RawMessage
	for _, b := range batch {
		raw = append(raw, b.AppendJSON(nil))
	}
	err := r.bc.AddBlocks(context.Background(), raw)
	if first.parent != nil && !r.has[first.parent] {
		if !errors.Is(err, ErrParent) {
			f.t.Fatalf("blocks %d to %d without a parent: %v, want ErrParent", first.Header.Height, b.Header.Height, err)
		}
	} else {
		if err != nil {
			f.t.Fatalf("blocks %d to %d: %v", first.Header.Height, b.Header.Height, err)
		}
		for _, b := range batch {
			r.has[b] = true
		}
		if r.last == nil || b.Header.Height > r.last.Header.Height {
			r.last = b
		}
	}
	if r.last == nil {
		return
	}
	if tip := tipOf(f.t, r.bc); tip.ref() != r.last.ref() {
		f.t.Fatalf("tip is %v, want %v", tip.ref(), r.last.ref())
	}
}

// Every order and every split of the same blocks leads to the same height, and
// at each step to the tip that the rules choose.
func TestRandomForks(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			f := newForest(t, seed)
			tree := f.tree(40)
			highest := slices.MaxFunc(tree, func(a, b *treeBlock) int { return a.Header.Height - b.Header.Height })
			for range 3 {
				r := receiver{newChain(t), make(map[*treeBlock]bool), nil}
				for len(r.has) < len(tree) {
					if b := tree[f.rng.IntN(len(tree))]; !r.has[b] || f.rng.IntN(10) == 0 {
						r.deliver(f, b)
					}
				}
				if r.last.Header.Height != highest.Header.Height {
					t.Errorf("ends at height %d, want %d", r.last.Header.Height, highest.Header.Height)
				}
				if got := coins(t, r.bc); !maps.Equal(got, r.last.coins) {
					t.Errorf("UTXO set is %v, want %v", got, r.last.coins)
				}
				checkWhole(t, r.bc)
				for _, b := range tree { // no branch was lost
					if _, err := r.bc.BlockByHash(b.Header.Hash); err != nil {
						t.Errorf("block %v: %v", b.ref(), err)
					}
				}
			}
		})
	}
}

// Several goroutines deliver the same tree to one chain, and read it.
func TestConcurrentForks(t *testing.T) {
	f := newForest(t, 100)
	tree, bc := f.tree(60), newChain(t)
	add(t, bc, tree[0].Block)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(worker, 1))
			for _, i := range rng.Perm(len(tree)) {
				path := tree[i].path()
				if err := bc.AddBlocks(context.Background(), raws(path...)); err != nil {
					t.Error(err)
				}
				tip, err := bc.Tip()
				if err != nil {
					t.Error(err)
					continue
				}
				err = bc.UTXO(func(s UTXOSet) error { // one tip, whatever happens meanwhile
					var sum int64
					for _, w := range f.wallets {
						owner, _ := ParseAddress(w.Address())
						sum += s.Balance(owner)
					}
					if height := (chain(s)).tip().height; sum != int64(Subsidy)*int64(height+1) || height < tip.Header.Height {
						return fmt.Errorf("%d coins at height %d, after height %d", sum, height, tip.Header.Height)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	tip, highest := tipOf(t, bc), 0
	for _, b := range tree {
		highest = max(highest, b.Header.Height)
		if b.ref() == tip.ref() && !maps.Equal(coins(t, bc), b.coins) {
			t.Error("UTXO set is not that of the tip")
		}
	}
	if tip.Header.Height != highest {
		t.Errorf("ends at height %d, want %d", tip.Header.Height, highest)
	}
	checkWhole(t, bc)
}

// spoil returns a block on top of parent that breaks one rule, at its place
// only, and the rule.
func (f *forest) spoil(parent *treeBlock) (*treeBlock, error) {
	b := f.grow(parent)
	list := sorted(b.coins)
	c := list[f.rng.IntN(len(list))]
	w := f.owner(c)
	var tx *Transaction
	var rule error
	switch f.rng.IntN(4) {
	case 0: // theft
		thief := f.wallets[0]
		if thief == w {
			thief = f.wallets[1]
		}
		tx, rule = pay(f.t, thief, thief.Address(), c.Value, c), ErrNotOwner
	case 1:
		tx, rule = pay(f.t, w, w.Address(), c.Value, c), ErrOverspend
		tx.Vouts[0].Value++
		tx.Sign(w)
	case 2:
		c.Vout += 7
		tx, rule = pay(f.t, w, w.Address(), c.Value, c), ErrNoCoin
	case 3:
		b.Transactions = append(b.Transactions, pay(f.t, w, w.Address(), c.Value, c))
		tx, rule = pay(f.t, w, w.Address(), 1, c), ErrSpent
		if c.Value == 1 {
			tx, rule = pay(f.t, w, f.wallets[0].Address(), 1, c), ErrSpent
			if tx.TxID == b.Transactions[len(b.Transactions)-1].TxID {
				rule = ErrDuplicateTx
			}
		}
	}
	b.Transactions = append(b.Transactions, tx)
	seal(f.t, b.Block)
	return b, rule
}

// A longer branch with an invalid block, cut into batches anywhere, changes
// nothing beyond its valid part; honest blocks on top of that are accepted.
func TestRandomInvalidBranches(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			f := newForest(t, 1000+seed)
			tree := f.tree(12)
			bc := newChain(t)
			for _, b := range tree {
				add(t, bc, b.Block)
			}
			tip := tipOf(t, bc)
			last := slices.IndexFunc(tree, func(b *treeBlock) bool { return b.ref() == tip.ref() })
			branch := []*treeBlock{tree[f.rng.IntN(len(tree))]}
			for len(branch) < 2+f.rng.IntN(8) {
				branch = append(branch, f.grow(branch[len(branch)-1]))
			}
			valid := branch[len(branch)-1]
			bad, rule := f.spoil(valid)
			branch = append(branch, bad)
			for bad.Header.Height <= tip.Header.Height || f.rng.IntN(3) > 0 { // on top of it, until it could win
				bad = f.grow(bad)
				branch = append(branch, bad)
				tip = tipOf(t, bc)
			}
			for len(branch) > bad.Header.Height+1 || branch[len(branch)-1].Header.Height <= tip.Header.Height {
				branch = append(branch, f.grow(branch[len(branch)-1]))
			}
			want, refused := tree[last], false
			if valid.Header.Height > want.Header.Height {
				want = valid
			}
			var sent []*treeBlock
			for rest := branch; len(rest) > 0; {
				n := 1 + f.rng.IntN(len(rest))
				sent, rest = rest[:n], rest[n:]
				var batch []*Block
				for _, b := range sent {
					batch = append(batch, b.Block)
				}
				err := bc.AddBlocks(context.Background(), raws(batch...))
				switch {
				case errors.Is(err, rule):
					refused = true
				case err == nil && !refused, errors.Is(err, ErrParent) && refused:
				default:
					t.Fatalf("error is %v, want %v", err, rule)
				}
			}
			if !refused {
				t.Error("the invalid block was never refused")
			}
			if tip := tipOf(t, bc); tip.Header.Height != want.Header.Height {
				t.Errorf("tip is %v, want %v", tip.ref(), want.ref())
			}
			checkWhole(t, bc)
			for range 12 {
				valid = f.grow(valid)
				add(t, bc, valid.Block)
			}
			if got := tipOf(t, bc); got.ref() != valid.ref() || !maps.Equal(coins(t, bc), valid.coins) {
				t.Errorf("tip is %v, want %v", got.ref(), valid.ref())
			}
			checkWhole(t, bc)
		})
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

// must returns a function that returns v, or ends the test if there was an
// error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// B25, B38: what a reader sees is one state: while branches are switched back
// and forth, the balances of a moment add up to what the height of the same
// moment allows.
func TestReadersSeeOneState(t *testing.T) {
	f := newForest(t, 9)
	root := f.grow(nil)
	bc := newChain(t)
	add(t, bc, root.Block)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := bc.UTXO(func(s UTXOSet) error {
					var sum int64
					for _, w := range f.wallets {
						owner, _ := ParseAddress(w.Address())
						sum += s.Balance(owner)
					}
					if height := (chain(s)).tip().height; sum != int64(Subsidy)*int64(height+1) {
						return fmt.Errorf("%d coins at height %d", sum, height)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	a, b := root, root
	for range 15 { // each overtakes the other
		a = f.grow(f.grow(a))
		add(t, bc, a.path()...)
		a, b = b, a
	}
	cancel()
	wg.Wait()
	checkWhole(t, bc)
}

// Changed tells of each move of the tip, and of nothing else.
func TestChanged(t *testing.T) {
	f := newForest(t, 11)
	root := f.grow(nil)
	a, b := f.grow(root), f.grow(root)
	bc := newChain(t)
	for _, step := range []struct {
		name  string
		block *treeBlock
		moves bool
	}{{"genesis", root, true}, {"first", a, true}, {"again", a, false}, {"rival", b, false}, {"longer", f.grow(b), true}} {
		changed := bc.Changed()
		add(t, bc, step.block.Block)
		if isClosed(changed) != step.moves {
			t.Errorf("%s: told %t, want %t", step.name, !step.moves, step.moves)
		}
	}
	changed := bc.Changed()
	if err := bc.AddBlocks(context.Background(), []json.RawMessage{[]byte("{}")}); !errors.Is(err, ErrMalformed) || isClosed(changed) {
		t.Errorf("error is %v, want ErrMalformed and no move", err)
	}
	if raw, err := bc.Block(2); err != nil || !bytes.Contains(raw, []byte(`"height": 2`)) {
		t.Errorf("block 2 is %s, error %v", raw, err)
	}
	next := f.grow(a)
	if err := bc.AddBlocks(context.Background(), raws(next.Block, a.Block)); !errors.Is(err, ErrParent) {
		t.Errorf("blocks in the wrong order: %v, want ErrParent", err)
	}
	bc.now = func() time.Time { return time.Unix(1_600_000_000, 0) } // a clock that lags refuses honest blocks, and keeps its chain
	if err := bc.AddBlocks(context.Background(), raws(f.grow(next).Block)); !errors.Is(err, ErrTimestamp) {
		t.Errorf("a block ahead of the clock: %v, want ErrTimestamp", err)
	}
}

// A txid may come again once its outputs are spent, even inside the block that
// spends the last of them; whatever is rolled back, each coin is that of its
// own time.
func TestRepeatedTransactions(t *testing.T) {
	v := newVictim(t)
	w, to := v.alice, v.bob
	reward := v.tip.Transactions[0]
	first := pay(t, w, w.Address(), 1000, coin(t, reward, 0))
	b1 := mine(t, v.tip, w, 3, first)
	spend := pay(t, w, to.Address(), 1000, coin(t, first, 0))
	again := pay(t, w, to.Address(), 400, coin(t, first, 0))
	with := func(parent *Block, txs ...*Transaction) *Block { // pays the reward of before once more
		b := mine(t, parent, w, 3, txs...)
		b.Transactions[0] = reward
		return seal(t, b)
	}
	b2 := with(b1, spend, first, again) // the coin of first is spent, made, and spent
	b3 := with(b2, first)               // and made once more
	b4 := mine(t, b3, w, 3)             // the reward's coin is spent, by first
	early := with(b1, first)            // while its coin is unspent
	late := with(b4)
	add(t, v.bc, b1)
	before := bucketDump(t, v.bc)
	if err := v.bc.AddBlocks(context.Background(), raws(early)); !errors.Is(err, ErrTxIDInUse) {
		t.Errorf("a txid with an unspent coin: %v, want ErrTxIDInUse", err)
	}
	if bucketDump(t, v.bc) != before {
		t.Error("it left a trace")
	}
	add(t, v.bc, b2, b3, b4, late)
	checkWhole(t, v.bc)
	fork, branch := b1, []*Block(nil)
	for range 5 {
		fork = mine(t, fork, w, 4)
		branch = append(branch, fork)
	}
	add(t, v.bc, branch...)
	if got := tipOf(t, v.bc); got.ref() != fork.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), fork.ref())
	}
	checkWhole(t, v.bc)
	if !coins(t, v.bc)[coin(t, first, 0)] {
		t.Error("the coin that stood at the fork is lost")
	}
	l1 := mine(t, late, w, 3)
	add(t, v.bc, l1, mine(t, l1, w, 3)) // and back
	checkWhole(t, v.bc)
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
		_, err := chain{tx}.rollBack()
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
