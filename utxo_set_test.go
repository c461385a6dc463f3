package main

import (
	"errors"
	"maps"
	"path/filepath"
	"testing"

	"github.com/boltdb/bolt"
)

// B23: a set that is not at the tip is made anew when the chain is opened.
func TestReindex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	add(t, bc, vectorBlocks(t)...)
	want := coins(t, bc)
	err := bc.db.Update(func(tx *bolt.Tx) error {
		set := UTXOSet{tx}
		for c := range want {
			if err := set.remove(c); err != nil {
				return err
			}
			break
		}
		return errors.Join(set.put(Coin{OutPoint: OutPoint{sha256Hex(nil), 7}, Value: 5}),
			tx.Bucket(bucketMeta).Put(keyUTXOTip, hashKey(sha256Hex(nil))))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	if got := coins(t, openChain(t, path)); !maps.Equal(got, want) {
		t.Errorf("%d coins, want %d: %v", len(got), len(want), got)
	}
}

// B26: all coins of an address count, however many they are.
func TestManyCoins(t *testing.T) {
	bc, w := newChain(t), testWallet(t, 0)
	var parent *Block
	for range 30 {
		parent = mine(t, parent, w, 0)
		add(t, bc, parent)
	}
	if got, want := balanceOf(t, bc, w.Address()), int64(30*Subsidy); got != want {
		t.Errorf("balance %d, want %d", got, want)
	}
}
