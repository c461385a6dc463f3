package main

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosimpleblockchain/network"

	"github.com/boltdb/bolt"
)

// A chain's file that was cut off anywhere is refused, by an error that names
// it, and left for whoever may still save something of it.
func TestTruncatedChain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the test's directory cannot be removed while bolt holds the file")
	}
	path, whole := chainFile(t)
	used := highWater(t, path)

	rng := rand.New(rand.NewPCG(3, 0))
	lengths := []int{1, 10, 1000, used - 1, used / 2}
	for page := 1; page*4096 < used; page += 1 + rng.IntN(3) {
		lengths = append(lengths, page*4096, page*4096+1+rng.IntN(4094))
	}

	for _, n := range lengths {
		openDamaged(t, whole[:n])
	}
	t.Logf("%d lengths of %d bytes in use", len(lengths), used)
}

// A file of something else is not taken for a chain, nor written to.
func TestForeignChain(t *testing.T) {
	other := boltFile(t, "users")

	rng, noise := rand.New(rand.NewPCG(4, 0)), make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}

	_, chain := chainFile(t)
	both := slices.Clone(chain)
	copy(both, noise[:8192]) // both of bolt's meta pages

	for name, content := range map[string][]byte{
		"a letter": []byte("Dear reader,\n"), "a long text": bytes.Repeat([]byte("not a chain\n"), 10_000),
		"another bolt file": other, "one with names like ours": boltFile(t, "blocks", "key", "meta"), "noise": noise, "zeros": make([]byte, 65536),
		"a wallet file": []byte(`{"wallets": []}`), "a chain with both meta pages gone": both,
	} {
		t.Run(name, func(t *testing.T) { openDamaged(t, content) })
	}

	t.Run("a directory", func(t *testing.T) {
		bc, err := OpenBlockchain(t.Context(), t.TempDir(), slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err == nil {
			bc.Close()
		}
		if err == nil || errors.Is(err, ErrInUse) {
			t.Errorf("error is %v, want one of the system", err)
		}
	})
}

// A crash while bolt writes one of its two meta pages leaves the other: the
// chain is as it was before the last transaction, or after it.
func TestTornMetaPage(t *testing.T) {
	path, whole := chainFile(t)
	for page := range 2 {
		torn := slices.Clone(whole)
		clear(torn[page*4096+40 : page*4096+60])
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}

		bc := openChain(t, path)
		if got := tipOf(t, bc).Header.Height; got != 71 && got != 72 {
			t.Errorf("meta page %d torn: height %d, want 71 or 72", page, got)
		}
		checkWhole(t, bc)
		if err := bc.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A UTXO set that is not at the tip, or not in the form of today, is made
// anew when the chain is opened. An interrupt calls that off.
func TestReindexAtStart(t *testing.T) {
	path, _ := chainFile(t)
	bc := openChain(t, path)
	before := bucketDump(t, bc)

	err := bc.db.Update(func(tx *bolt.Tx) error {
		for c := range coins(t, bc) { // they had an owner and a value once, and no height
			k := appendOutPoint(nil, c.OutPoint)
			v := tx.Bucket(bucketCoins).Get(k)[:ownerLen+8]
			if err := tx.Bucket(bucketCoins).Put(k, v); err != nil {
				return err
			}
		}
		if err := tx.DeleteBucket(bucketOwners); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(bucketOwners); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Delete(keyUTXOTip)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}

	log := slog.New(slog.DiscardHandler)
	if _, err := OpenBlockchain(endAfter(t, 1), path, log); !errors.Is(err, context.Canceled) {
		t.Errorf("opening is called off: error is %v, want context.Canceled", err)
	}
	bc = openChain(t, path)
	if bucketDump(t, bc) != before {
		t.Error("the UTXO set is not what it was")
	}
	checkWhole(t, bc)
}

// Whoever opens a chain that is in use is told so at once, and does no harm;
// once it is closed, they may have it.
func TestChainInUse(t *testing.T) {
	if lockWait >= time.Second {
		t.Errorf("a second node waits %v, want less than a second", lockWait)
	}
	path, _ := chainFile(t)
	bc := openChain(t, path)
	before := bucketDump(t, bc)

	second, err := OpenBlockchain(t.Context(), path, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil {
		second.Close()
	}
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want ErrInUse and the path", err)
	}

	add(t, bc, mine(t, tipOf(t, bc), testWallet(t, 0), 0))
	if bucketDump(t, bc) == before {
		t.Error("the first cannot write any more")
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	openChain(t, path)
}

// chainFile returns the path and the content of a chain's file.
func chainFile(t testing.TB) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	add(t, bc, vectorBlocks(t)...)
	for i := range 60 {
		add(t, bc, mine(t, tipOf(t, bc), testWallet(t, 0), i))
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	return path, readFile(t, path)
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// openDamaged opens a chain's file with some content, which must be refused
// and stay as it is.
func openDamaged(t *testing.T, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chain.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	bc, err := OpenBlockchain(t.Context(), path, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil {
		bc.Close()
	}
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("%d bytes: error is %v, want ErrDamaged and the path", len(content), err)
	}
	if !bytes.Equal(readFile(t, path), content) {
		t.Errorf("%d bytes: the file was changed", len(content))
	}
}

// highWater returns how many bytes of a bolt file are in use.
func highWater(t testing.TB, path string) (size int) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.View(func(tx *bolt.Tx) error {
		size = int(tx.Size())
		return nil
	})
	return size
}

// boltFile returns the content of a bolt file with some buckets.
func boltFile(t testing.TB, buckets ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			b, err := tx.CreateBucket([]byte(name))
			if err != nil {
				return err
			}
			if err := b.Put([]byte("l"), []byte("what another program keeps here")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
}

// What the system says of a chain.db is no word about the file, and does not
// invite to delete it. What bolt says of it is.
func TestOpenErrors(t *testing.T) {
	tests := []struct {
		name    string
		err     error
		damaged bool
		want    string
	}{
		{"no locks on this file system", syscall.ENOLCK, false, "-data DIRECTORY"},
		{"no locks at all", syscall.EOPNOTSUPP, false, "-data DIRECTORY"},
		{"no room for the map", syscall.ENOMEM, false, "ulimit -v"},
		{"no maps on this file system", syscall.EINVAL, false, "-data DIRECTORY"},
		{"not allowed", &fs.PathError{Op: "open", Path: "chain.db", Err: syscall.EACCES}, false, "permission denied"},
		{"another node has it", bolt.ErrTimeout, false, "another node"},
		{"not bolt's", bolt.ErrInvalid, true, "with -fresh"},
		{"torn", bolt.ErrChecksum, true, "with -fresh"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := openError("chain.db", tt.err)
			if errors.Is(err, ErrDamaged) != tt.damaged || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q, damaged %t", err, tt.want, tt.damaged)
			}
		})
	}
}

// A bolt transaction that goes astray on a damaged page, or faults, is an error
// of the ledger, and not the end of the node.
func TestFaultsAreErrors(t *testing.T) {
	bc := newChain(t)
	for name, do := range map[string]func(*bolt.Tx) error{
		"panic": func(*bolt.Tx) error { panic("page 7 already freed") },
		"fault": func(tx *bolt.Tx) error {
			decodeCoin(nil, nil) // a value that is too short
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, run := range []func(func(*bolt.Tx) error) error{bc.view, bc.update} {
				if err := run(do); !errors.Is(err, ErrDamaged) || !errors.Is(err, network.ErrLedger) {
					t.Errorf("got %v, want ErrDamaged and ErrLedger", err)
				}
			}
		})
	}
	add(t, bc, mine(t, nil, testWallet(t, 0), 0)) // nothing is locked
}

// A block in which the disk has changed a bit is not taken for the block.
func TestFlippedBlock(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	b := mine(t, genesis, w, 0, pay(t, w, testWallet(t, 1).Address(), 5, reward(t, genesis)))
	add(t, bc, genesis, b)

	text := b.AppendJSON(nil)
	for i := 0; i < len(text); i += 7 {
		flipped := bytes.Clone(text)
		flipped[i] ^= 1 << (i % 8)
		err := bc.update(func(tx *bolt.Tx) error {
			var deflated bytes.Buffer
			w, err := flate.NewWriter(&deflated, flate.BestSpeed)
			if err != nil {
				return err
			}
			w.Write(flipped)
			w.Close()
			return tx.Bucket(bucketBlocks).Put(b.ref().key(), deflated.Bytes())
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := bc.Tip(); !errors.Is(err, ErrDamaged) && (err != nil || !bytes.Equal(got.AppendJSON(nil), text)) {
			t.Fatalf("byte %d (%q): got %v, want ErrDamaged or the block", i, text[i], err)
		}
	}
}

// A chain that cannot be stored is no peer's fault: the error says so.
func TestStoreErrorIsTheLedgers(t *testing.T) {
	bc := newChain(t)
	genesis := mine(t, nil, testWallet(t, 0), 0)
	bc.Close()
	if err := bc.AddBlocks(t.Context(), raws(genesis)); !errors.Is(err, network.ErrLedger) {
		t.Errorf("got %v, want ErrLedger", err)
	}
}

// The addresses at which nodes have answered are kept: the 64 that did so last.
// An entry that makes no sense is left out, and costs nothing.
func TestSavedPeers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	addr := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), uint16(i))
	}
	at := func(i int) time.Time { return time.Unix(1_700_000_000+int64(i), 0) }
	for i := 1; i <= 100; i++ {
		if err := bc.savePeers(map[netip.AddrPort]time.Time{addr(i): at(i)}); err != nil {
			t.Fatal(err)
		}
	}
	both := map[netip.AddrPort]time.Time{addr(37): at(200), addr(100): at(1)} // one has answered again
	if err := bc.savePeers(both); err != nil {
		t.Fatal(err)
	}
	if err := bc.update(func(tx *bolt.Tx) error {
		peers := tx.Bucket(bucketPeers)
		return errors.Join(peers.Put([]byte("10.0.0.1"), make([]byte, 8)), peers.Put([]byte("10.0.0.1:1"), []byte{1}),
			peers.Put([]byte("host:80"), make([]byte, 8)))
	}); err != nil {
		t.Fatal(err)
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}

	bc = openChain(t, path)
	var want []netip.AddrPort
	for i := 37; i <= 100; i++ {
		want = append(want, addr(i))
	}
	got := must(bc.savedPeers())(t)
	slices.SortFunc(got, netip.AddrPort.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := bc.savePeers(map[netip.AddrPort]time.Time{addr(101): at(101)}); err != nil {
		t.Fatal(err)
	}
	got = must(bc.savedPeers())(t)
	if len(got) != maxSavedPeers || !slices.Contains(got, addr(101)) || !slices.Contains(got, addr(37)) || slices.Contains(got, addr(38)) {
		t.Errorf("after one more: %v", got)
	}

	// Whoever answers at ever new ports pushes out few.
	for i := range uint16(100) {
		mallory := netip.AddrPortFrom(netip.MustParseAddr("10.0.1.1"), 1000+i)
		if err := bc.savePeers(map[netip.AddrPort]time.Time{mallory: at(300 + int(i))}); err != nil {
			t.Fatal(err)
		}
	}
	got = must(bc.savedPeers())(t)
	if len(got) != maxSavedPeers || !slices.Contains(got, addr(101)) || !slices.Contains(got, addr(60)) {
		t.Errorf("after one with many ports: %v", got)
	}
}
