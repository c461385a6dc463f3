package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"
)

// newChain returns an empty chain in a temporary directory.
func newChain(t testing.TB) *Blockchain {
	t.Helper()
	return openChain(t, filepath.Join(t.TempDir(), "chain.db"))
}

func openChain(t testing.TB, path string) *Blockchain {
	t.Helper()
	bc, err := OpenBlockchain(path, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	bc.db.NoSync = true // a test's chain need not survive a power cut
	t.Cleanup(func() { bc.Close() })
	return bc
}

// raws returns blocks as they cross the wire.
func raws(blocks ...*Block) (raws []json.RawMessage) {
	for _, b := range blocks {
		raws = append(raws, b.AppendJSON(nil))
	}
	return raws
}

// candidates returns blocks as they are when they have been checked.
func candidates(t testing.TB, bc *Blockchain, blocks ...*Block) (list []*candidate) {
	t.Helper()
	for _, b := range blocks {
		c := &candidate{Block: b}
		if err := bc.deflate(c); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func add(t testing.TB, bc *Blockchain, blocks ...*Block) {
	t.Helper()
	if err := bc.AddBlocks(context.Background(), raws(blocks...)); err != nil {
		t.Fatal(err)
	}
}

// mine returns a block on top of parent (nil: a genesis block) that pays the
// subsidy to w, with txs after the coinbase. Its time is fixed by its height
// and salt, so that the same call gives the same block.
func mine(t testing.TB, parent *Block, w *Wallet, salt int, txs ...*Transaction) *Block {
	t.Helper()
	var header *BlockHeader
	height := 0
	if parent != nil {
		header, height = &parent.Header, parent.Header.Height+1
	}
	now := time.Unix(1_700_000_000+int64(height), int64(salt)*1000)
	b := NewBlock(header, append([]*Transaction{NewCoinbase(w.Address(), now)}, txs...), now)
	if height > 0 {
		if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// testWallet returns the vectors' wallet i.
func testWallet(t testing.TB, i int) *Wallet {
	t.Helper()
	w, err := ParseWallet(readVectors(t).Wallets[i].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// pay returns a signed transaction from w over all outputs given.
func pay(t testing.TB, w *Wallet, to string, amount int64, coins ...Coin) *Transaction {
	t.Helper()
	tx, err := NewTransaction(w, to, amount, func(yield func(Coin) bool) {
		for _, c := range coins {
			if !yield(c) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// coin returns output i of tx.
func coin(t testing.TB, tx *Transaction, i int) Coin {
	t.Helper()
	owner, err := ParseAddress(tx.Vouts[i].PubKeyHash)
	if err != nil {
		t.Fatal(err)
	}
	return Coin{OutPoint: OutPoint{tx.TxID, i}, Owner: owner, Value: tx.Vouts[i].Value}
}

// coins returns the whole UTXO set, without the heights: the same coins may be
// made at another.
func coins(t testing.TB, bc *Blockchain) map[Coin]bool {
	t.Helper()
	set := make(map[Coin]bool)
	err := bc.UTXO(func(s UTXOSet) error {
		return s.tx.Bucket(bucketCoins).ForEach(func(k, v []byte) error {
			c := decodeCoin(k, v)
			c.Height = 0
			set[c] = true
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func balanceOf(t testing.TB, bc *Blockchain, address string) (sum int64) {
	t.Helper()
	owner, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	err = bc.UTXO(func(s UTXOSet) error { sum = s.Balance(owner); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func tipOf(t testing.TB, bc *Blockchain) *Block {
	t.Helper()
	b, err := bc.Tip()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
