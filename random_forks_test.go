package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// seeds returns how many random runs there are: -short has one.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return 1
	}
	return n
}

func highestOf(tree []*treeBlock) *treeBlock {
	return slices.MaxFunc(tree, func(a, b *treeBlock) int { return a.Header.Height - b.Header.Height })
}

// Every order and every split of the same blocks leads to the same height, and
// at each step to the tip that the rules choose: of two at one height the first
// seen, which the next block decides. (In the Python program it never is.)
func TestRandomForks(t *testing.T) {
	for seed := range seeds(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			f := newForest(t, seed)
			tree := f.tree(40)
			for range 3 {
				r := receiver{newChain(t), make(map[*treeBlock]bool), nil}
				for len(r.has) < len(tree) {
					if b := tree[f.rng.IntN(len(tree))]; !r.has[b] || f.rng.IntN(10) == 0 {
						r.deliver(f, b)
					}
				}

				if got, want := r.last.Header.Height, highestOf(tree).Header.Height; got != want {
					t.Errorf("ends at height %d, want %d", got, want)
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
	skipSlow(t)
	t.Parallel()
	f := newForest(t, 100)
	tree, bc := f.tree(60), newChain(t)
	add(t, bc, tree[0].Block)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(worker, 1))
			for _, i := range rng.Perm(len(tree)) {
				if err := bc.AddBlocks(context.Background(), raws(tree[i].path()...)); err != nil {
					t.Error(err)
				}

				// Whatever happens meanwhile, what a reader sees is of one tip.
				tip, err := bc.Tip()
				if err != nil {
					t.Error(err)
					continue
				}
				height, err := checkSupply(bc, f.wallets)
				if err != nil || height < tip.Header.Height {
					t.Errorf("height %d after %d; error %v", height, tip.Header.Height, err)
				}
			}
		})
	}
	wg.Wait()

	tip := tipOf(t, bc)
	if got, want := tip.Header.Height, highestOf(tree).Header.Height; got != want {
		t.Errorf("ends at height %d, want %d", got, want)
	}
	for _, b := range tree {
		if b.ref() == tip.ref() && !maps.Equal(coins(t, bc), b.coins) {
			t.Error("UTXO set is not that of the tip")
		}
	}
	checkWhole(t, bc)
}

// A longer branch with an invalid block, cut into batches anywhere, changes
// nothing beyond its valid part; honest blocks on top of that are accepted.
func TestRandomInvalidBranches(t *testing.T) {
	for seed := range seeds(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			f := newForest(t, 1000+seed)
			tree := f.tree(12)
			bc := newChain(t)
			for _, b := range tree {
				add(t, bc, b.Block)
			}
			tip := tipOf(t, bc)

			// A branch from any block, with a bad one in it, and so long that it
			// would win.
			branch := []*treeBlock{tree[f.rng.IntN(len(tree))]}
			for len(branch) < 2+f.rng.IntN(8) {
				branch = append(branch, f.grow(branch[len(branch)-1]))
			}
			valid := branch[len(branch)-1]
			bad, rule := f.spoil(valid)
			branch = append(branch, bad)
			for bad.Header.Height <= tip.Header.Height || f.rng.IntN(3) > 0 {
				bad = f.grow(bad)
				branch = append(branch, bad)
			}

			refused := false
			for rest := branch; len(rest) > 0; {
				n := 1 + f.rng.IntN(len(rest))
				var batch []*Block
				for _, b := range rest[:n] {
					batch = append(batch, b.Block)
				}
				rest = rest[n:]

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
			if got, want := tipOf(t, bc).Header.Height, max(tip.Header.Height, valid.Header.Height); got != want {
				t.Errorf("ends at height %d, want %d", got, want)
			}
			checkWhole(t, bc)

			for _, b := range f.branch(valid, 12) {
				add(t, bc, b.Block)
				valid = b
			}
			wantTip(t, bc, valid.Block)
			if !maps.Equal(coins(t, bc), valid.coins) {
				t.Error("UTXO set is not that of the tip")
			}
			checkWhole(t, bc)
		})
	}
}

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

// branch returns n blocks, each on top of the one before, and the first on top
// of parent.
func (f *forest) branch(parent *treeBlock, n int) (branch []*treeBlock) {
	for range n {
		parent = f.grow(parent)
		branch = append(branch, parent)
	}
	return branch
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
	case 1: // more out than in
		tx, rule = pay(f.t, w, w.Address(), c.Value, c), ErrOverspend
		tx.Vouts[0].Value++
		tx.Sign(w)
	case 2: // an output that there is not
		c.Vout += 7
		tx, rule = pay(f.t, w, w.Address(), c.Value, c), ErrNoCoin
	case 3: // one coin spent twice
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
	var blocks []*Block
	for _, b := range batch {
		blocks = append(blocks, b.Block)
	}

	err := r.bc.AddBlocks(context.Background(), raws(blocks...))
	known := first.parent == nil || r.has[first.parent]
	switch {
	case !known && !errors.Is(err, ErrParent):
		f.t.Fatalf("blocks %d to %d without a parent: %v, want ErrParent", first.Header.Height, b.Header.Height, err)
	case known && err != nil:
		f.t.Fatalf("blocks %d to %d: %v", first.Header.Height, b.Header.Height, err)
	}

	if known {
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
