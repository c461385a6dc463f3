//go:build challenge

package main

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/boltdb/bolt"
)

func TestHole6_7Confirmations(t *testing.T) {
	c := emptyChain(t)
	type result struct {
		n   int
		err error
	}
	ask := func(txid string) result {
		return attempt(t, "confirmations", func() result {
			n, err := c.confirmations(txid)
			return result{n, err}
		})
	}
	if got := ask("none"); !errors.Is(got.err, errNoBlock) {
		t.Errorf("in an empty chain: got %d and error %v, want errNoBlock", got.n, got.err)
	}

	zero := begin(t, c)
	first := pay("Alice", "Bob", []Coin{made(zero.Transactions[0], 0)}, 100, 900)
	second := pay("Bob", "Alice", []Coin{made(first, 0)}, 60, 40)
	one := next(zero, "Mia", first, second)
	two := next(one, "Mia")
	aside := next(one, "Carol", pay("Bob", "Alice", []Coin{made(first, 1)}, 900))
	three := next(two, "Mia")
	addAll(t, c, one, two, aside, three)
	waiting := pay("Bob", "Carol", []Coin{made(first, 1)}, 900)
	behind := pay("Alice", "Carol", []Coin{made(second, 0)}, 60)
	for _, tx := range []*Transaction{waiting, behind} {
		if _, err := c.pay(tx); err != nil {
			t.Fatal(err)
		}
	}

	for name, tt := range map[string]struct {
		tx   *Transaction
		want int
	}{
		"the tip's coinbase":   {three.Transactions[0], 1},
		"block 2's coinbase":   {two.Transactions[0], 2},
		"a payment in block 1": {first, 3},
		"another one there":    {second, 3},
		"block 1's coinbase":   {one.Transactions[0], 3},
		"block 0's coinbase":   {zero.Transactions[0], 4},
		"a payment that waits": {waiting, 0},
		"one behind it":        {behind, 0},
	} {
		if got := ask(tt.tx.TxID); got.err != nil || got.n != tt.want {
			t.Errorf("%s: got %d and error %v, want %d", name, got.n, got.err, tt.want)
		}
	}
	for name, txid := range map[string]string{
		"a payment in a block beside the chain":  aside.Transactions[1].TxID,
		"a coinbase in a block beside the chain": aside.Transactions[0].TxID,
		"the beginning of a txid":                first.TxID[:8],
		"no txid":                                "",
	} {
		if got := ask(txid); !errors.Is(got.err, errNoBlock) {
			t.Errorf("%s: got %d and error %v, want errNoBlock", name, got.n, got.err)
		}
	}
}

func TestHole6_8Spendable(t *testing.T) {
	a, b := coin("a", 0, 1000, "Alice"), coin("b", 0, 50, "Alice")
	bobs := coin("c", 0, 7, "Bob")
	change := func(tx *Transaction, vout int, owner string) { tx.Vouts[vout].PubKeyHash = addressOf(owner) }

	one := pay("Alice", "Bob", []Coin{a}, 100, 900)
	change(one, 1, "Alice")
	one.sign(walletOf("Alice"))
	rival := pay("Alice", "Carol", []Coin{a}, 1000) // does not fit after one
	onTop := pay("Alice", "Bob", []Coin{made(one, 1)}, 200, 700)
	change(onTop, 1, "Alice")
	onTop.sign(walletOf("Alice"))

	tests := []struct {
		name string
		pool []*Transaction
		want map[string][]Coin
	}{
		{"nothing waits", nil, map[string][]Coin{"Alice": {a, b}, "Bob": {bobs}, "Carol": nil}},
		{"a payment with change", []*Transaction{one}, map[string][]Coin{"Alice": {b, made(one, 1)}, "Bob": {bobs, made(one, 0)}}},
		{"two with one coin", []*Transaction{one, rival}, map[string][]Coin{"Alice": {b, made(one, 1)}, "Carol": nil}},
		{"the change is spent, too", []*Transaction{one, onTop}, map[string][]Coin{"Alice": {b, made(onTop, 1)}, "Bob": {bobs, made(one, 0), made(onTop, 0)}}},
		{"one on top of what comes later", []*Transaction{onTop, one}, map[string][]Coin{"Alice": {b, made(one, 1)}}},
	}
	for _, tt := range tests {
		c := richChain(t, a, b, bobs)
		fillPool(t, c, tt.pool...)
		before := dump(t, c)
		for owner, want := range tt.want {
			got := attempt(t, "spendable", func() coinsResult {
				coins, err := c.spendable(addressOf(owner))
				return coinsResult{coins, err}
			})
			slices.SortFunc(want, func(a, b Coin) int { return slices.Compare(a.key(), b.key()) })
			if got.err != nil || !slices.Equal(got.coins, want) {
				t.Errorf("%s: %s can spend %v (error %v), want %v", tt.name, owner, got.coins, got.err, want)
			}
		}
		if dump(t, c) != before {
			t.Fatalf("%s: spendable has changed the file", tt.name)
		}
	}
}

func fillPool(t *testing.T, c *Chain, txs ...*Transaction) {
	t.Helper()
	err := c.db.Update(func(dbtx *bolt.Tx) error {
		return Pool{dbtx.Bucket(poolBucket)}.replace(txs)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHole6_9Expire(t *testing.T) {
	coins := []Coin{coin("a", 0, 1, "Alice"), coin("b", 0, 2, "Alice"), coin("c", 0, 3, "Alice"), coin("d", 0, 4, "Alice")}
	var txs []*Transaction
	for _, coin := range coins {
		txs = append(txs, pay("Alice", "Bob", []Coin{coin}, coin.Value))
	}
	arrivals := map[string]int{txs[0].TxID: 3, txs[1].TxID: 5, txs[2].TxID: 4} // the last one has just come back

	tests := []struct {
		before        int
		expired, stay []*Transaction
	}{
		{0, nil, txs},
		{3, nil, txs},
		{4, []*Transaction{txs[0]}, []*Transaction{txs[1], txs[2], txs[3]}},
		{5, []*Transaction{txs[0], txs[2]}, []*Transaction{txs[1], txs[3]}},
		{100, []*Transaction{txs[0], txs[1], txs[2]}, []*Transaction{txs[3]}},
	}
	for _, tt := range tests {
		c := richChain(t, coins...)
		fillPool(t, c, txs...)
		set, known := dump(t, c, "coins"), maps.Clone(arrivals)
		type result struct {
			expired []*Transaction
			err     error
		}
		got := attempt(t, "expire", func() result {
			expired, err := c.expire(arrivals, tt.before)
			return result{expired, err}
		})
		same := func(a, b *Transaction) bool { return a.TxID == b.TxID }
		if got.err != nil || !slices.EqualFunc(got.expired, tt.expired, same) {
			t.Errorf("before %d: %d expired (error %v), want %d: %.8s", tt.before, len(got.expired), got.err, len(tt.expired), names(got.expired))
		}
		waits(t, "after that", c, tt.stay...)
		if dump(t, c, "coins") != set || !maps.Equal(arrivals, known) {
			t.Error("expire has changed the coins, or the arrivals")
		}
	}

	c := richChain(t)
	fillPool(t, c, txs...)
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.expire(arrivals, 100); err == nil {
		t.Error("the file is closed, and expire returns no error")
	}
}
