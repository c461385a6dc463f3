//go:build exercise

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// The exercises of docs/08-beyond-the-article.md.

// What a transaction's inputs hold beyond its outputs goes to the miner.
func TestExercise8Fees(t *testing.T) {
	s, err := newStory(false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	alice, bob := s.people["Alice"], s.people["Bob"]
	tx, err := s.pool.NewTransaction(alice, bob.Address(), 100)
	if err != nil {
		t.Fatal(err)
	}
	tx.Vouts[1].Value -= 10 // the fee
	tx.Sign(alice)
	genesis := tipOf(t, s.bc)
	claim := func(value int64, txs ...*Transaction) error {
		coinbase := NewCoinbase(bob.Address(), s.now)
		coinbase.Vouts[0].Value = value
		coinbase.TxID = coinbase.ID()
		b := NewBlock(&genesis.Header, append([]*Transaction{coinbase}, txs...), s.now)
		if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		return s.bc.AddBlocks(context.Background(), []json.RawMessage{b.AppendJSON(nil)})
	}
	for _, tt := range []struct {
		name  string
		value int64
		txs   []*Transaction
	}{
		{"fee that nobody paid", Subsidy + 1, nil},
		{"more than the fee", Subsidy + 11, []*Transaction{tx}},
	} {
		if err := claim(tt.value, tt.txs...); !errors.Is(err, ErrCoinbase) {
			t.Errorf("%s: error is %v, want ErrCoinbase", tt.name, err)
		}
	}
	if err := s.pool.Add(context.Background(), tx, true); err != nil {
		t.Fatal(err)
	}
	m := s.pool.Mine()
	if m.Err != nil || m.Block == nil {
		t.Fatal(m)
	}
	if got, want := m.Block.Transactions[0].Vouts[0].Value, int64(Subsidy+10); got != want {
		t.Errorf("the miner takes %d, want %d", got, want)
	}
	if got, want := balanceOf(t, s.bc, alice.Address()), int64(2*Subsidy-100); got != want {
		t.Errorf("Alice, who pays the fee and mines it, has %d, want %d", got, want)
	}
}

// A request with code 6 and a list of hashes, highest block first, asks where
// two chains part: the reply is the height of the first that is on the node's
// chain, or -1. Bitcoin calls the list a block locator.
func TestExercise8Locator(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	alice := n.address("genesis_block")
	genesis := tipOf(t, n.chain)
	aside := mine(t, genesis, testWallet(t, 0), 0) // stays beside the chain: the next block is first
	n.do("send", "--from", alice, "--to", alice, "--amount", "1")
	one := tipOf(t, n.chain)
	n.do("send", "--from", alice, "--to", alice, "--amount", "1")
	two := tipOf(t, n.chain)
	add(t, n.chain, aside)
	unknown := sha256Hex(nil)
	for _, tt := range []struct {
		name   string
		hashes []string
		want   string
	}{
		{"tip", []string{two.Header.Hash, one.Header.Hash, genesis.Header.Hash}, "2"},
		{"peer is ahead", []string{unknown, two.Header.Hash, genesis.Header.Hash}, "2"},
		{"peer is on a branch", []string{unknown, aside.Header.Hash, genesis.Header.Hash}, "0"},
		{"order counts", []string{one.Header.Hash, two.Header.Hash}, "1"},
		{"other chain", []string{unknown}, "-1"},
		{"nothing", []string{}, "-1"},
	} {
		hashes, err := json.Marshal(tt.hashes)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(request(t, n, 6, string(hashes))); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A request with code 5 and the data [from, count] asks for headers: those of
// the blocks from height from on, as many as there are and count at most.
func TestExercise8Headers(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	alice := n.address("genesis_block")
	for range 4 {
		n.do("send", "--from", alice, "--to", alice, "--amount", "1")
	}
	for _, tt := range []struct{ from, count, want int }{{0, 100, 5}, {2, 2, 2}, {4, 3, 1}, {5, 1, 0}} {
		var headers []BlockHeader
		raw := request(t, n, 5, fmt.Sprintf("[%d, %d]", tt.from, tt.count))
		if err := json.Unmarshal(raw, &headers); err != nil {
			t.Fatal(err)
		}
		if len(headers) != tt.want {
			t.Fatalf("from %d, count %d: %d headers, want %d", tt.from, tt.count, len(headers), tt.want)
		}
		for i := range headers {
			h := &headers[i]
			if h.Height != tt.from+i || h.Hash != h.hash() || h.Height > 0 && !(ProofOfWork{h}).Valid() {
				t.Errorf("header %d is %+v", tt.from+i, h)
			}
			if i > 0 && h.PrevBlockHash != headers[i-1].Hash {
				t.Errorf("header %d does not follow the one before it", h.Height)
			}
		}
	}
}
