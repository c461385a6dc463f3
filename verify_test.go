package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/boltdb/bolt"
)

var flips = flag.Int("flips", 150, "how many bits TestFlippedBits flips, one at a time")

// Of bits that the disk has flipped, anywhere in chain.db, `start -check` finds
// each that matters. What it lets pass has the right blocks and coins, and can be
// written to: a page that is wrongly taken for a free one would be lost then.
func TestFlippedBits(t *testing.T) {
	skipSlow(t)
	path, _ := chainFile(t)
	w := testWallet(t, 0)
	bc := openChain(t, path)
	before := chainText(t, bc)
	tip := tipOf(t, bc)
	add(t, bc, mine(t, must(bc.BlockAt(tip.Header.Height-1))(t), w, 1)) // beside the chain
	states := map[string]bool{before: true, chainText(t, bc): true}     // after each of bolt's last transactions
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	content, used := readFile(t, path), highWater(t, path)

	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	rng := rand.New(rand.NewPCG(1, 2))
	found, harmless := 0, 0
	for range *flips {
		at, bit := rng.IntN(used), rng.IntN(8)
		flipped := bytes.Clone(content)
		flipped[at] ^= 1 << bit
		path := filepath.Join(t.TempDir(), "flipped.db")
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}

		bc, err := OpenBlockchain(t.Context(), path, log)
		if err == nil {
			err = bc.verify(t.Context(), true)
		}
		switch {
		case err == nil:
			harmless++
			// A flipped root of bolt's is found by its checksum; then the one
			// before it counts, and what is missing comes again from the peers.
			if !states[chainText(t, bc)] {
				t.Errorf("bit %d of byte %#x: the chain is another one, and nothing is said", bit, at)
			}
			add(t, bc, mine(t, tipOf(t, bc), w, 2))
			if err := bc.verify(t.Context(), true); err != nil {
				t.Errorf("bit %d of byte %#x: the next block does harm: %v", bit, at, err)
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
	t.Logf("%d bits of %d bytes flipped: %d found, %d without a consequence", *flips, used, found, harmless)
}

// chainText is all that can be learnt of a chain.
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
		text.WriteString(bucketText(tx, bucketHeights, bucketHashes, bucketSide, bucketCoins, bucketOwners, bucketUndo))
		return nil
	})
	if err != nil {
		t.Errorf("read the chain: %v", err)
	}
	return text.String()
}
