package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

// The checks of chapter 6's holes. `learn check` runs them on your functions.

// attempt makes a call that may go wrong: one that panics, or doesn't come to an
// end, fails the test with a word of what it was.
func attempt[T any](t *testing.T, call string, f func() T) (got T) {
	t.Helper()
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		got = f()
	}()

	select {
	case p := <-panicked:
		if p != nil {
			t.Fatalf("%s panics: %v", call, p)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s is still running after 10 s: does its loop end?", call)
	}
	return got
}

func emptyChain(t *testing.T) *Chain {
	t.Helper()
	c, err := openChain(filepath.Join(t.TempDir(), "chain.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// dump returns all that is in the file, or in one of its buckets.
func dump(t *testing.T, c *Chain, only ...string) string {
	t.Helper()
	var text strings.Builder
	err := c.db.View(func(dbtx *bolt.Tx) error {
		return dbtx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			if len(only) > 0 && !slices.Contains(only, string(name)) {
				return nil
			}
			return bucket.ForEach(func(key, value []byte) error {
				_, err := fmt.Fprintf(&text, "%s %q: %q\n", name, key, value)
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// inSet calls f with the set of coins of a chain, and keeps what it does.
func inSet(t *testing.T, c *Chain, f func(CoinSet)) {
	t.Helper()
	err := c.db.Update(func(dbtx *bolt.Tx) error {
		f(CoinSet{dbtx.Bucket(coinsBucket)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// coin returns a coin of somebody's, whose txid is made of one letter.
func coin(letter string, vout, value int, owner string) Coin {
	return Coin{OutPoint{strings.Repeat(letter, 64), vout}, TXOutput{value, addressOf(owner)}}
}

// richChain returns a chain without blocks whose set has these coins.
func richChain(t *testing.T, coins ...Coin) *Chain {
	t.Helper()
	c := emptyChain(t)
	inSet(t, c, func(s CoinSet) {
		for _, coin := range coins {
			if err := s.put(coin); err != nil {
				t.Fatal(err)
			}
		}
	})
	return c
}

// pay returns a signed payment that spends coins whole: all of them to one output,
// or as many outputs as there are amounts.
func pay(from, to string, coins []Coin, amounts ...int) *Transaction {
	tx := new(Transaction)
	for _, c := range coins {
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
	}
	for _, amount := range amounts {
		tx.Vouts = append(tx.Vouts, TXOutput{amount, addressOf(to)})
	}
	tx.sign(walletOf(from))
	return tx
}

// made returns a coin that a transaction makes.
func made(tx *Transaction, vout int) Coin {
	return Coin{OutPoint{tx.TxID, vout}, tx.Vouts[vout]}
}

type coinsResult struct {
	coins []Coin
	err   error
}

func find(t *testing.T, s CoinSet, tx *Transaction) coinsResult {
	t.Helper()
	return attempt(t, "find", func() coinsResult {
		coins, err := s.find(tx)
		return coinsResult{coins, err}
	})
}

func TestHole6_1Find(t *testing.T) {
	a, b, d := coin("a", 0, 100, "Alice"), coin("a", 1, 20, "Alice"), coin("d", 0, 3, "Bob")
	c := richChain(t, a, b, d)
	before := dump(t, c)

	tests := []struct {
		name string
		want []Coin
	}{
		{"one coin", []Coin{a}},
		{"another output of the same transaction", []Coin{b}},
		{"three coins, in an order of their own", []Coin{d, b, a}},
	}
	inSet(t, c, func(s CoinSet) {
		for _, tt := range tests {
			got := find(t, s, pay("Alice", "Bob", tt.want, 1))
			if got.err != nil || !slices.Equal(got.coins, tt.want) {
				t.Errorf("%s: got %v and error %v, want %v", tt.name, got.coins, got.err, tt.want)
			}
		}

		got := find(t, s, newCoinbase(addressOf("Mia"), 3))
		if got.err != nil || len(got.coins) != 0 {
			t.Errorf("a coinbase: got %v and error %v, want no coins and no error", got.coins, got.err)
		}
	})
	if dump(t, c) != before {
		t.Error("find has changed the set; it should only look")
	}
}

func TestHole6_1FindFails(t *testing.T) {
	a, b := coin("a", 0, 100, "Alice"), coin("b", 0, 20, "Alice")
	missing, otherOutput := coin("c", 0, 5, "Alice"), coin("a", 1, 5, "Alice")
	inSet(t, richChain(t, a, b), func(s CoinSet) {
		for name, coins := range map[string][]Coin{
			"a coin that isn't there":              {missing},
			"an output that isn't there":           {otherOutput},
			"the second coin isn't there":          {a, missing},
			"one coin twice":                       {a, a},
			"one coin twice, with another between": {a, b, a},
		} {
			if got := find(t, s, pay("Alice", "Bob", coins, 1)); !errors.Is(got.err, errNoCoin) {
				t.Errorf("%s: got %v and error %v, want errNoCoin", name, got.coins, got.err)
			}
		}
	})
}

// Anybody may send a transaction without inputs. It's no coinbase, and spends nothing.
func TestHole6_1FindNoInputs(t *testing.T) {
	inSet(t, richChain(t, coin("a", 0, 100, "Alice")), func(s CoinSet) {
		if got := find(t, s, pay("Mallory", "Mallory", nil, 1)); len(got.coins) != 0 {
			t.Errorf("a transaction without inputs: got %v, want no coins", got.coins)
		}
	})
}

func apply(t *testing.T, s CoinSet, tx *Transaction) coinsResult {
	t.Helper()
	return attempt(t, "apply", func() coinsResult {
		taken, err := s.apply(tx)
		return coinsResult{taken, err}
	})
}

// hasCoins fails the test if the set isn't just these coins.
func hasCoins(t *testing.T, when string, s CoinSet, want ...Coin) {
	t.Helper()
	got, err := s.all()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, func(a, b Coin) int { return strings.Compare(string(a.key()), string(b.key())) })
	if !slices.Equal(got, want) {
		t.Errorf("%s the set is %v, want %v", when, got, want)
	}
}

func TestHole6_2Apply(t *testing.T) {
	a, b, d := coin("a", 0, 100, "Alice"), coin("b", 1, 20, "Alice"), coin("d", 0, 3, "Bob")
	inSet(t, richChain(t, a, b, d), func(s CoinSet) {
		tx := pay("Alice", "Carol", []Coin{b, a}, 70, 40, 10)
		got := apply(t, s, tx)
		if got.err != nil || !slices.Equal(got.coins, []Coin{b, a}) {
			t.Errorf("apply returns %v and error %v, want the two coins that went, in the order of the inputs", got.coins, got.err)
		}
		hasCoins(t, "after a payment", s, d, made(tx, 0), made(tx, 1), made(tx, 2))

		coinbase := newCoinbase(addressOf("Mia"), 7)
		if got := apply(t, s, coinbase); got.err != nil || len(got.coins) != 0 {
			t.Errorf("of a coinbase apply returns %v and error %v, want no coins and no error", got.coins, got.err)
		}
		hasCoins(t, "after a coinbase", s, d, made(tx, 0), made(tx, 1), made(tx, 2), made(coinbase, 0))

		// A coin that was made a moment ago can be spent.
		next := pay("Carol", "Bob", []Coin{made(tx, 1)}, 40)
		if got := apply(t, s, next); got.err != nil {
			t.Errorf("a payment of a coin that another one has just made: %v", got.err)
		}
		hasCoins(t, "after a second payment", s, d, made(tx, 0), made(tx, 2), made(coinbase, 0), made(next, 0))
	})
}

// What breaks a rule changes nothing.
func TestHole6_2ApplyFails(t *testing.T) {
	a, b := coin("a", 0, 100, "Alice"), coin("b", 0, 20, "Bob")
	c := richChain(t, a, b)
	before := dump(t, c)
	unsigned := pay("Alice", "Bob", []Coin{a}, 100)
	unsigned.Vins[0].Signature = strings.Repeat("0", 128)

	for name, tx := range map[string]*Transaction{
		"more than it spends":                   pay("Alice", "Bob", []Coin{a}, 60, 41),
		"a coin that isn't there":               pay("Alice", "Bob", []Coin{a, coin("e", 0, 5, "Alice")}, 5),
		"one coin twice":                        pay("Alice", "Bob", []Coin{a, a}, 200),
		"somebody else's coin":                  pay("Alice", "Bob", []Coin{b}, 20),
		"somebody else's coin beside one's own": pay("Alice", "Bob", []Coin{a, b}, 120),
		"no signature":                          unsigned,
		"a negative amount":                     pay("Alice", "Bob", []Coin{a}, -5),
	} {
		var got coinsResult
		inSet(t, c, func(s CoinSet) { got = apply(t, s, tx) })
		if got.err == nil {
			t.Errorf("%s: apply returns no error", name)
		}
		if after := dump(t, c); after != before {
			t.Fatalf("%s: apply has refused it, and yet the set has changed:\n%s", name, after)
		}
	}
}

// A block with three payments, of which each spends what the one before has made, is
// undone to the byte.
func TestHole6_3UndoBlock(t *testing.T) {
	a, b := coin("a", 0, 100, "Alice"), coin("b", 0, 20, "Bob")
	c := richChain(t, a, b)
	before := dump(t, c)

	coinbase := newCoinbase(addressOf("Mia"), 4)
	one := pay("Alice", "Bob", []Coin{a}, 90, 10)
	two := pay("Bob", "Carol", []Coin{made(one, 0), b}, 60, 50)
	three := pay("Carol", "Alice", []Coin{made(two, 1)}, 50)
	block := &Block{Transactions: []*Transaction{coinbase, one, two, three}}

	inSet(t, c, func(s CoinSet) {
		taken, err := s.applyBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		if err := attempt(t, "undoBlock", func() error { return s.undoBlock(block, taken) }); err != nil {
			t.Errorf("undoBlock: %v", err)
		}
	})
	if after := dump(t, c); after != before {
		t.Errorf("a block was applied and undone, and the set is another one:\n got %s\nwant %s", after, before)
	}
}

// An error is one of undoBlock's.
func TestHole6_3UndoBlockFails(t *testing.T) {
	a := coin("a", 0, 100, "Alice")
	c := richChain(t, a)
	block := &Block{Transactions: []*Transaction{newCoinbase(addressOf("Mia"), 4), pay("Alice", "Bob", []Coin{a}, 100)}}
	err := attempt(t, "undoBlock", func() error {
		return c.db.View(func(dbtx *bolt.Tx) error { // may not write
			return CoinSet{dbtx.Bucket(coinsBucket)}.undoBlock(block, [][]Coin{nil, {a}})
		})
	})
	if err == nil {
		t.Error("bolt refuses to write in a transaction that may only read, and undoBlock returns no error")
	}
}

type choice struct {
	fit   []*Transaction
	drops []Drop
	err   error
}

func choose(t *testing.T, c *Chain, txs ...*Transaction) choice {
	t.Helper()
	return attempt(t, "choose", func() choice {
		fit, drops, err := c.choose(txs)
		return choice{fit, drops, err}
	})
}

func TestHole6_4Choose(t *testing.T) {
	a, b := coin("a", 0, 100, "Alice"), coin("b", 0, 20, "Bob")
	c := richChain(t, a, b)
	before := dump(t, c)

	one := pay("Alice", "Bob", []Coin{a}, 60, 40)
	rival := pay("Alice", "Carol", []Coin{a}, 100)
	onTop := pay("Bob", "Carol", []Coin{made(one, 0), b}, 80)
	onRival := pay("Carol", "Alice", []Coin{made(rival, 0)}, 100)
	greedy := pay("Bob", "Carol", []Coin{b}, 21)

	tests := []struct {
		name       string
		txs        []*Transaction
		fit, drops []*Transaction
	}{
		{"none", nil, nil, nil},
		{"one", []*Transaction{one}, []*Transaction{one}, nil},
		{"two with one coin", []*Transaction{one, rival}, []*Transaction{one}, []*Transaction{rival}},
		{"the same two, in the other order", []*Transaction{rival, one}, []*Transaction{rival}, []*Transaction{one}},
		{"one twice", []*Transaction{one, one}, []*Transaction{one}, []*Transaction{one}},
		{"one on top of another", []*Transaction{one, onTop}, []*Transaction{one, onTop}, nil},
		{"on top of one that comes later", []*Transaction{onTop, one}, []*Transaction{one}, []*Transaction{onTop}},
		{"a bad one among good ones", []*Transaction{greedy, one, rival, onRival, onTop}, []*Transaction{one, onTop}, []*Transaction{greedy, rival, onRival}},
	}
	for _, tt := range tests {
		got := choose(t, c, tt.txs...)
		var dropped []*Transaction
		for _, d := range got.drops {
			dropped = append(dropped, d.tx)
			if d.err == nil {
				t.Errorf("%s: a drop without its error", tt.name)
			}
		}
		if got.err != nil || !slices.Equal(got.fit, tt.fit) || !slices.Equal(dropped, tt.drops) {
			t.Errorf("%s: %d fit, %d are dropped, error %v; want %d and %d, in their order", tt.name, len(got.fit), len(dropped), got.err, len(tt.fit), len(tt.drops))
		}
		if after := dump(t, c); after != before {
			t.Fatalf("%s: it was only a try, and yet the file has changed:\n%s", tt.name, after)
		}
	}

	if got := choose(t, c, rival, one); len(got.drops) != 1 || !errors.Is(got.drops[0].err, errNoCoin) {
		t.Errorf("the second payment of one coin should be dropped with errNoCoin: %v", got.drops)
	}
}

// An error of the file is no drop.
func TestHole6_4ChooseFails(t *testing.T) {
	c := richChain(t, coin("a", 0, 100, "Alice"))
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := choose(t, c, pay("Alice", "Bob", []Coin{coin("a", 0, 100, "Alice")}, 100)); got.err == nil {
		t.Error("the file is closed, and choose returns no error")
	}
}

// stack puts blocks into the file, beside the chain, and those of the chain onto it,
// without any check. It returns them by name: "2" is the chain's block 2, "2b" one of
// branch b.
func stack(t *testing.T, c *Chain, chain int, branches map[string]int, lengths map[string]int) map[string]*Block {
	t.Helper()
	blocks := make(map[string]*Block)
	err := c.db.Update(func(dbtx *bolt.Tx) error {
		store := func(name string, parent *Block, miner string) error {
			height := 0
			if parent != nil {
				height = parent.Header.Height + 1
			}
			b := newBlock(parent, []*Transaction{newCoinbase(addressOf(miner), height)})
			blocks[name] = b
			return dbtx.Bucket(blocksBucket).Put([]byte(b.Header.Hash), []byte(b.json()))
		}

		for height := range chain + 1 {
			if err := store(fmt.Sprint(height), blocks[fmt.Sprint(height-1)], "Mia"); err != nil {
				return err
			}
			hash := []byte(blocks[fmt.Sprint(height)].Header.Hash)
			if err := dbtx.Bucket(heightsBucket).Put(heightKey(height), hash); err != nil {
				return err
			}
			if err := dbtx.Bucket(blocksBucket).Put(tipKey, hash); err != nil {
				return err
			}
		}
		for branch, from := range branches {
			parent := blocks[fmt.Sprint(from)]
			for i := range lengths[branch] {
				name := fmt.Sprint(from+1+i, branch)
				if err := store(name, parent, branch); err != nil {
					return err
				}
				parent = blocks[name]
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

func TestHole6_5BranchTo(t *testing.T) {
	c := emptyChain(t)
	blocks := stack(t, c, 4, map[string]int{"Bob": 1, "Carol": 4}, map[string]int{"Bob": 5, "Carol": 1})
	otherZero := newBlock(nil, []*Transaction{newCoinbase(addressOf("Mallory"), 0)})

	tests := []struct {
		name string
		to   *Block
		want []*Block
	}{
		{"the tip itself", blocks["4"], nil},
		{"a block of the chain", blocks["2"], nil},
		{"a block on top of the tip", blocks["5Carol"], []*Block{blocks["5Carol"]}},
		{"the first block of a branch", blocks["2Bob"], []*Block{blocks["2Bob"]}},
		{"the end of a branch, which is higher than the tip", blocks["6Bob"], []*Block{blocks["2Bob"], blocks["3Bob"], blocks["4Bob"], blocks["5Bob"], blocks["6Bob"]}},
		{"another block 0", otherZero, []*Block{otherZero}},
	}
	for _, tt := range tests {
		type result struct {
			branch []*Block
			err    error
		}
		got := attempt(t, "branchTo", func() (r result) {
			_ = c.db.View(func(dbtx *bolt.Tx) error {
				r.branch, r.err = branchTo(dbtx, tt.to)
				return nil
			})
			return r
		})
		same := func(a, b *Block) bool { return a != nil && b != nil && a.Header == b.Header }
		if got.err != nil || !slices.EqualFunc(got.branch, tt.want, same) {
			t.Errorf("%s: got %s and error %v, want %s", tt.name, heights(got.branch), got.err, heights(tt.want))
		}
	}

	orphan := newBlock(newBlock(blocks["3"], []*Transaction{newCoinbase(addressOf("Mallory"), 4)}), []*Transaction{newCoinbase(addressOf("Mallory"), 5)})
	err := attempt(t, "branchTo", func() error {
		return c.db.View(func(dbtx *bolt.Tx) error {
			_, err := branchTo(dbtx, orphan)
			return err
		})
	})
	if err == nil {
		t.Error("the parent of the block isn't in the file, and branchTo returns no error")
	}
}

// heights lists blocks in short.
func heights(blocks []*Block) string {
	var list []string
	for _, b := range blocks {
		if b == nil {
			list = append(list, "nil")
		} else {
			list = append(list, fmt.Sprintf("block %d (%.8s)", b.Header.Height, b.Header.Hash))
		}
	}
	return "[" + strings.Join(list, " ") + "]"
}

// next returns a mined block with payments on top of another.
func next(parent *Block, miner string, payments ...*Transaction) *Block {
	b := template(parent, miner, payments...)
	mine(b, workBits)
	return b
}

// begin adds block 0, which pays Alice, and returns it.
func begin(t *testing.T, c *Chain) *Block {
	t.Helper()
	b := newBlock(nil, []*Transaction{newCoinbase(addressOf("Alice"), 0)})
	addAll(t, c, b)
	return b
}

func addAll(t *testing.T, c *Chain, blocks ...*Block) {
	t.Helper()
	for _, b := range blocks {
		if err := attempt(t, "add (with your switchTo)", func() error { return c.add(b) }); err != nil {
			t.Fatalf("add of block %d: %v", b.Header.Height, err)
		}
	}
}

// hasTip fails the test if the tip is another block, or the heights don't lead to it.
func hasTip(t *testing.T, when string, c *Chain, want ...*Block) {
	t.Helper()
	tip, err := c.tip()
	if err != nil {
		t.Fatal(err)
	}
	last := want[len(want)-1]
	if tip == nil || tip.Header != last.Header {
		t.Fatalf("%s the tip is %s, want %s", when, heights([]*Block{tip}), heights([]*Block{last}))
	}
	for height, b := range want {
		got, err := c.blockAt(height)
		if err != nil || got.Header != b.Header {
			t.Errorf("%s block %d of the chain is %s (error %v), want %s", when, height, heights([]*Block{got}), err, heights([]*Block{b}))
		}
	}
	if _, err := c.blockAt(len(want)); err == nil {
		t.Errorf("%s there is a block %d, above the tip", when, len(want))
	}
}

// waits fails the test if the pool isn't just these payments.
func waits(t *testing.T, when string, c *Chain, want ...*Transaction) {
	t.Helper()
	txs, err := c.waiting()
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b *Transaction) bool { return a.TxID == b.TxID }
	if !slices.EqualFunc(txs, want, same) {
		t.Errorf("%s %d payments wait, want %d: %.8s", when, len(txs), len(want), names(txs))
	}
}

func names(txs []*Transaction) (ids []string) {
	for _, tx := range txs {
		ids = append(ids, tx.TxID)
	}
	return ids
}

func TestHole6_6SwitchToNext(t *testing.T) {
	c := emptyChain(t)
	zero := begin(t, c)
	payment := pay("Alice", "Bob", []Coin{made(zero.Transactions[0], 0)}, 100, 900)
	other := pay("Alice", "Carol", []Coin{made(zero.Transactions[0], 0)}, 1000)
	for _, tx := range []*Transaction{payment, other} {
		if _, err := c.pay(tx); err != nil {
			t.Fatal(err)
		}
	}

	one := next(zero, "Mia", payment)
	addAll(t, c, one)
	hasTip(t, "after block 1", c, zero, one)
	waits(t, "after block 1, which has the other payment,", c, other)
	inSet(t, c, func(s CoinSet) {
		hasCoins(t, "after block 1", s, made(one.Transactions[0], 0), made(payment, 0), made(payment, 1))
	})
}

func TestHole6_6SwitchToBranch(t *testing.T) {
	c := emptyChain(t)
	zero := begin(t, c)
	start := made(zero.Transactions[0], 0)
	first := pay("Alice", "Bob", []Coin{start}, 100, 900)
	second := pay("Bob", "Carol", []Coin{made(first, 0)}, 100)
	both := pay("Bob", "Alice", []Coin{made(first, 1)}, 900) // paid to Bob, too
	one := next(zero, "Mia", first)
	two := next(one, "Mia", second)
	addAll(t, c, one, two)
	if _, err := c.pay(both); err != nil {
		t.Fatal(err)
	}

	// Carol's branch confirms the first payment, too.
	oneC := next(zero, "Carol")
	twoC := next(oneC, "Carol", first)
	threeC := next(twoC, "Carol")
	addAll(t, c, oneC, twoC)
	hasTip(t, "with a branch of equal height", c, zero, one, two)
	waits(t, "with a branch of equal height", c, both)

	addAll(t, c, threeC)
	hasTip(t, "with a longer branch", c, zero, oneC, twoC, threeC)
	waits(t, "after two blocks were rolled back", c, second, both)
	inSet(t, c, func(s CoinSet) {
		hasCoins(t, "after the switch", s, made(oneC.Transactions[0], 0), made(twoC.Transactions[0], 0), made(threeC.Transactions[0], 0), made(first, 0), made(first, 1))
	})

	// And back, by a branch on top of the old blocks.
	three, four := next(two, "Mia"), next(next(two, "Mia"), "Mia", both)
	addAll(t, c, three, four)
	hasTip(t, "after a switch back", c, zero, one, two, three, four)
	waits(t, "after a switch back", c)
}

// The payments that come back stand in front, in the order in which they were made.
func TestHole6_6GivesBackInOrder(t *testing.T) {
	c := emptyChain(t)
	zero := begin(t, c)
	first := pay("Alice", "Alice", []Coin{made(zero.Transactions[0], 0)}, 600, 400)
	second := pay("Alice", "Bob", []Coin{made(first, 0)}, 600)
	third := pay("Alice", "Bob", []Coin{made(first, 1)}, 400)
	one := next(zero, "Mia", first)
	two := next(one, "Mia", second, third)
	addAll(t, c, one, two)

	oneC := next(zero, "Carol")
	twoC := next(oneC, "Carol")
	addAll(t, c, oneC, twoC, next(twoC, "Carol"))
	waits(t, "after two blocks were rolled back", c, first, second, third)
}

// A branch with a bad block changes nothing: add takes all back, if you return the
// error.
func TestHole6_6SwitchToBadBranch(t *testing.T) {
	c := emptyChain(t)
	zero := begin(t, c)
	first := pay("Alice", "Bob", []Coin{made(zero.Transactions[0], 0)}, 1000)
	one := next(zero, "Mia", first)
	addAll(t, c, one)

	oneC := next(zero, "Mallory")
	forged := pay("Mallory", "Mallory", []Coin{made(zero.Transactions[0], 0)}, 1000) // Alice's coin
	twoC := next(oneC, "Mallory", forged)
	addAll(t, c, oneC)
	before := dump(t, c)
	if err := attempt(t, "add (with your switchTo)", func() error { return c.add(twoC) }); err == nil {
		t.Error("the last block of the branch spends somebody else's coin, and switchTo returns no error")
	}
	if after := dump(t, c); after != before {
		t.Error("the branch was refused, and yet the file has changed")
	}
	hasTip(t, "after a bad branch", c, zero, one)
}

// A block with nothing in it is refused, like any other that breaks a rule.
func TestHole6_6RefusesEmptyBlock(t *testing.T) {
	c := emptyChain(t)
	zero := begin(t, c)
	empty := newBlock(zero, nil)
	mine(empty, workBits)
	if err := attempt(t, "add (with your switchTo)", func() error { return c.add(empty) }); err == nil {
		t.Error("add takes a block without transactions")
	}
	hasTip(t, "after an empty block", c, zero)
}
