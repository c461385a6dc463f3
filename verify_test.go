package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/boltdb/bolt"
)

// Of bits that the disk has flipped in what chain.db holds, `start -check` finds
// each that matters: what it lets pass has the right blocks and coins. (Flipped
// pointers from page to page, of which there are few, may send bolt in circles.)
func TestFlippedBits(t *testing.T) {
	skipSlow(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "chain.db")
	bc := openChain(t, path)
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	var tip *Block
	states := make(map[string]bool) // of the chain, after each of bolt's transactions
	for i := range 6 {
		var txs []*Transaction
		if i%2 == 1 {
			txs = append(txs, pay(t, alice, bob.Address(), int64(i), reward(t, tip)))
		}
		tip = mine(t, tip, alice, 0, txs...)
		add(t, bc, tip)
		states[chainText(t, bc)] = true
	}
	bc.Close()
	content := readFile(t, path)

	held := heldBytes(content)
	rng := rand.New(rand.NewPCG(1, 2))
	found, harmless := 0, 0
	const flips = 384
	for range flips {
		at, bit := held[rng.IntN(len(held))], rng.IntN(8)
		flipped := bytes.Clone(content)
		flipped[at] ^= 1 << bit
		path := filepath.Join(dir, "flipped.db")
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}

		bc, err := OpenBlockchain(t.Context(), path, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err == nil {
			err = bc.verify(t.Context(), true)
		}
		switch {
		case err == nil:
			harmless++
			// A flipped root of bolt's is found by its checksum; then the one
			// before it counts, and the last block comes again from the peers.
			if !states[chainText(t, bc)] {
				t.Errorf("bit %d of byte %#x: the chain is another one, and nothing is said", bit, at)
			}
		case errors.Is(err, ErrDamaged):
			found++
		default:
			t.Errorf("bit %d of byte %#x: %v, want ErrDamaged", bit, at, err)
		}
		if bc != nil {
			bc.Close()
		}
	}
	t.Logf("%d bits flipped: %d found, %d without a consequence", flips, found, harmless)
}

// chainText is all that a user can learn of a chain.
func chainText(t *testing.T, bc *Blockchain) string {
	t.Helper()
	var text bytes.Buffer
	err := bc.view(func(tx *bolt.Tx) error {
		c := chain{tx}
		for height := range c.tip().height + 1 {
			b, err := c.block(c.at(height))
			if err != nil {
				return err
			}
			text.Write(b.AppendJSON(nil))
		}
		return tx.Bucket(bucketOwners).ForEach(func(k, v []byte) error {
			fmt.Fprintf(&text, "\n%x %x", k, v)
			return nil
		})
	})
	if err != nil {
		t.Errorf("read the chain: %v", err)
	}
	return text.String()
}

// heldBytes returns the offsets of a bolt file's keys and values: in each leaf
// page but the root's, which points to the buckets, what stands after the
// header of 16 bytes and the 16 bytes of each element.
func heldBytes(content []byte) (offsets []int) {
	size := os.Getpagesize()
	root := [2]uint64{binary.LittleEndian.Uint64(content[32:]), binary.LittleEndian.Uint64(content[size+32:])}
	for page := 2; page < len(content)/size; page++ {
		p := content[page*size:]
		leaf := binary.LittleEndian.Uint16(p[8:]) == 2
		count := int(binary.LittleEndian.Uint16(p[10:]))
		if !leaf || uint64(page) == root[0] || uint64(page) == root[1] {
			continue
		}
		for at := page*size + 16 + 16*count; at < (page+1)*size; at++ {
			offsets = append(offsets, at)
		}
	}
	return offsets
}
