//go:build exercise

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"
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
	if err := s.pool.Add(tx, true); err != nil {
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

// Retarget(target, took) is the target of the next 2016 blocks, when the last
// ones took that long: it changes in proportion to two weeks, by a factor of
// four at most.
//
// Bitcoin Core, src/test/pow_tests.cpp: real blocks of Bitcoin.
func TestExercise8Retarget(t *testing.T) {
	work, ok := any(ProofOfWork{}).(interface {
		Retarget(target *big.Int, took time.Duration) *big.Int
	})
	if !ok {
		t.Fatal("ProofOfWork has no method Retarget(target *big.Int, took time.Duration) *big.Int yet")
	}
	for _, tt := range []struct {
		name        string
		first, last int64 // times of the first and last block
		bits, want  uint32
	}{
		{"block 32256", 1261130161, 1262152739, 0x1d00ffff, 0x1d00d86a},
		{"block 68544, too fast", 1279008237, 1279297671, 0x1c05a3f4, 0x1c0168fd},
		{"too slow", 1263163443, 1269211443, 0x1c387f6f, 0x1d00e1fd},
	} {
		took := time.Duration(tt.last-tt.first) * time.Second
		if got := compact(work.Retarget(expand(tt.bits), took)); got != tt.want {
			t.Errorf("%s: %08x, want %08x", tt.name, got, tt.want)
		}
	}
}

// expand reads a target in Bitcoin's compact form: one byte of length and the
// three highest bytes.
func expand(bits uint32) *big.Int {
	target := big.NewInt(int64(bits & 0xffffff))
	return target.Lsh(target, uint(8*(bits>>24-3)))
}

// compact is the inverse of expand, which drops what does not fit. The highest
// bit of the three bytes is a sign and stays 0.
func compact(target *big.Int) uint32 {
	length := uint32(target.BitLen()/8 + 1)
	return length<<24 | uint32(new(big.Int).Rsh(target, uint(8*(length-3))).Uint64())
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
