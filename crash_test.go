package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

var crashes = flag.Int("crashes", 5, "how often TestCrash kills its child")

// What a test tells the copy of the test binary that it starts as its child.
const (
	childDir  = "TEST_CHILD_DIR"  // the data directory
	childSeed = "TEST_CHILD_SEED" // of TestCrashChild's choices
)

// child returns a command that runs one test of this binary as a process of
// its own.
func child(t testing.TB, test, dir string, seed int) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), childDir+"="+dir, childSeed+"="+strconv.Itoa(seed))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestCrashChild mines, is synced, switches branches and makes wallets until
// it is killed. It prints a line after each step that must outlive it.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("TestCrash runs it")
	}
	seed, err := strconv.ParseUint(os.Getenv(childSeed), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	bc, err := OpenBlockchain(t.Context(), filepath.Join(dir, "chain.db"), log) // with fsync, unlike other tests
	if err != nil {
		t.Fatal(err)
	}
	wallets, err := OpenWallets(filepath.Join(dir, "wallet.dat"))
	if err != nil {
		t.Fatal(err)
	}
	pool := NewTxPool(bc, wallets, 2, 0, false, log)
	bc.onChange = pool.Update
	go pool.Run(context.Background())
	c := crasher{t, bc, wallets, pool, rand.New(rand.NewPCG(seed, 0)), int(seed) * 1000}
	c.createWallet()
	if _, err := bc.Tip(); errors.Is(err, ErrNoBlock) {
		add(t, bc, mine(t, nil, c.wallet(), 0))
		fmt.Println("height 0")
	}
	for range 10_000 { // or else its parent is gone
		switch n := c.rng.IntN(10); {
		case n == 0:
			c.createWallet()
		case n < 6:
			c.mine()
		default:
			c.sync()
		}
		fmt.Println("height", tipOf(t, bc).Header.Height)
	}
}

type crasher struct {
	t       *testing.T
	bc      *Blockchain
	wallets *Wallets
	pool    *TxPool
	rng     *rand.Rand
	salt    int
}

func (c *crasher) wallet() *Wallet {
	addresses := c.wallets.Addresses()
	w, err := c.wallets.Find(addresses[c.rng.IntN(len(addresses))])
	if err != nil {
		c.t.Fatal(err)
	}
	return w
}

func (c *crasher) createWallet() {
	w, err := c.wallets.Create()
	if err != nil {
		c.t.Fatal(err)
	}
	fmt.Println("wallet", w.Address())
}

// mine has a block of two payments mined by the pool.
func (c *crasher) mine() {
	for range 2 {
		tx, err := c.pool.NewTransaction(c.wallet(), c.wallet().Address(), 1+c.rng.Int64N(200))
		if errors.Is(err, ErrNotEnough) {
			return
		}
		err = cmp.Or(err, c.pool.Add(context.Background(), tx, true))
		if errors.Is(err, ErrNoCoin) { // a full pool that a block left was mined meanwhile
			return
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	if m := c.pool.Mine(); m.Err != nil {
		c.t.Fatal(m.Err)
	}
}

// sync gets a branch in one batch that forks off below the tip, and ends at
// most one block short of it or two above.
func (c *crasher) sync() {
	tip := tipOf(c.t, c.bc)
	depth := c.rng.IntN(min(5, tip.Header.Height+1))
	b, err := c.bc.BlockAt(tip.Header.Height - depth)
	if err != nil {
		c.t.Fatal(err)
	}
	var branch []*Block
	for range max(1, depth-1+c.rng.IntN(4)) {
		c.salt++
		b = mine(c.t, b, c.wallet(), c.salt)
		branch = append(branch, b)
	}
	add(c.t, c.bc, branch...)
}

// B25: whenever a node is killed, it finds everything again that it had said
// it has: no block, no coin and no key is lost, and none is made.
func TestCrash(t *testing.T) {
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(2, 0))
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var known []string
	last := -1
	for kill := range *crashes {
		known, last = killChild(t, dir, kill, rng.IntN(25)*min(kill, 1), time.Duration(rng.IntN(4000))*time.Microsecond, known, last)
		wallets, err := OpenWallets(filepath.Join(dir, "wallet.dat"))
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		addresses := wallets.Addresses()
		if n := min(len(known), len(addresses)); !slices.Equal(addresses[:n], known) {
			t.Fatalf("kill %d: wallets are %v, want %v first", kill, addresses, known)
		}
		known = addresses // one may have been made that the child could not tell of any more
		bc, err := OpenBlockchain(t.Context(), filepath.Join(dir, "chain.db"), log)
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		status, err := bc.Status()
		if err != nil {
			t.Fatal(err)
		}
		if status.Height < last {
			t.Errorf("kill %d: height is %d, was %d", kill, status.Height, last)
		}
		last = status.Height
		checkWhole(t, bc)
		var sum int64
		for _, address := range addresses {
			sum += balanceOf(t, bc, address)
		}
		if want := int64(Subsidy) * int64(last+1); sum != want {
			t.Errorf("kill %d: the wallets have %d coins, want %d", kill, sum, want)
		}
		if err := bc.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range list(t, dir) { // one more may wait for the next wallet to replace it
		if name != "chain.db" && name != "wallet.dat" && name != "wallet.dat.tmp" {
			t.Errorf("a crash left %s", name)
		}
	}
	t.Logf("%d kills, then height %d, %d wallets", *crashes, last, len(known))
}

// killChild runs TestCrashChild, and kills it some time after it has printed
// some lines, or with none of them while it starts. It returns the addresses and the height that there must be now.
func killChild(t *testing.T, dir string, seed, lines int, after time.Duration, known []string, last int) ([]string, int) {
	t.Helper()
	cmd := child(t, "TestCrashChild", dir, seed)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer limit.Stop()
	if lines == 0 {
		time.AfterFunc(10*after, func() { cmd.Process.Kill() })
	}
	scanner := bufio.NewScanner(out)
	n := 0
	for scanner.Scan() {
		word, rest, _ := strings.Cut(scanner.Text(), " ")
		height, err := strconv.Atoi(rest)
		switch {
		case word == "wallet" && len(known) > 0 && known[len(known)-1] == rest: // told twice
		case word == "wallet":
			known = append(known, rest)
		case word == "height" && err == nil:
			last = height
		default:
			t.Errorf("child: %s", scanner.Text())
		}
		if n++; n == lines {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || n < lines {
		t.Fatalf("child ended by itself after %d lines: %v", n, err)
	}
	return known, last
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
			if err := cmp.Or(err, b.Put([]byte("l"), []byte("what another program keeps here"))); err != nil {
				return err
			}
		}
		return nil
	})
	if err := cmp.Or(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
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

// A wallet file that is cut off anywhere, or something else, is refused and
// stays as it is, and so does the node: it never starts with an empty wallet
// in the place of a damaged one.
func TestDamagedWallets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	wallets, err := OpenWallets(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := wallets.Create(); err != nil {
			t.Fatal(err)
		}
	}
	whole := readFile(t, path)
	var contents [][]byte
	for n := range len(whole) {
		contents = append(contents, whole[:n])
	}
	for _, s := range []string{
		"null", "{}", "[]", `""`, "0", "wallet", "\x80\x04}q\x00.", `{"wallets": null}`, `{"wallets": [null]}`, `{"wallets": {}}`,
		`{"wallets": [{}]}`, string(whole) + "x", string(whole) + string(whole), strings.Repeat("\x00", len(whole)),
		strings.Replace(string(whole), `"address": "1`, `"address": "2`, 1),
		strings.Replace(string(whole), `"private_key": "`, `"private_key": "00`, 1),
		`{"wallets": [{"address": "", "private_key": "` + strings.Repeat("0", 64) + `"}]}`,
		`{"wallets": [{"address": "", "private_key": "` + strings.Repeat("f", 64) + `"}]}`,
	} {
		contents = append(contents, []byte(s))
	}
	data := t.TempDir()
	path = filepath.Join(data, "wallet.dat")
	for _, content := range contents {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if wallets, err := OpenWallets(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%.60q: error is %v, want one with the path; wallets %v", content, err, wallets)
		}
		if !bytes.Equal(readFile(t, path), content) {
			t.Errorf("%.60q: the file was changed", content)
		}
	}
	node, err := OpenNode(t.Context(), NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: data, PoolSize: 2}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil {
		node.close()
		t.Error("a node starts with a damaged wallet file")
	}
}

// B43: a failed write of the wallet file leaves the old one, and no key that
// was never saved is handed out.
func TestWalletsNotWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	wallets, err := OpenWallets(filepath.Join(dir, "wallet.dat"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if w, err := wallets.Create(); !errors.Is(err, fs.ErrNotExist) || w != nil {
		t.Errorf("wallet %v, error %v, want none and fs.ErrNotExist", w, err)
	}
	if got := wallets.Addresses(); len(got) != 0 {
		t.Errorf("wallets are %v, want none", got)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wallet.dat.tmp"), []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wallets.Create(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("files are %v, want one; error %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600; error %v", info.Mode(), err)
	}
	if !json.Valid(readFile(t, filepath.Join(dir, "wallet.dat"))) {
		t.Error("not JSON")
	}
}

// TestOpenChild says whether it can open the chain of its parent.
func TestOpenChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("TestSecondProcess runs it")
	}
	bc, err := OpenBlockchain(t.Context(), filepath.Join(dir, "chain.db"), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil {
		bc.Close()
	}
	fmt.Println("in use:", errors.Is(err, ErrInUse), err)
}

// A second process with the same directory is told so at once, and does no
// harm; once the first is gone, it may have it.
func TestSecondProcess(t *testing.T) {
	if lockWait >= time.Second {
		t.Errorf("a second node waits %v, want less than a second", lockWait)
	}
	path, _ := chainFile(t)
	bc := openChain(t, path)
	before := bucketDump(t, bc)
	ask := func() string {
		out, err := child(t, "TestOpenChild", filepath.Dir(path), 0).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got := ask(); !strings.Contains(got, "in use: true") || !strings.Contains(got, path) {
		t.Errorf("second process: %s, want ErrInUse and the path", got)
	}
	add(t, bc, mine(t, tipOf(t, bc), testWallet(t, 0), 0))
	if bucketDump(t, bc) == before {
		t.Error("the first process cannot write any more")
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ask(); !strings.Contains(got, "in use: false <nil>") {
		t.Errorf("second process, when the first is gone: %s", got)
	}
}

// B23: a UTXO set that is not at the tip, or not in the form of today, is made
// anew when the chain is opened. An interrupt calls that off.
func TestReindexAtStart(t *testing.T) {
	path, _ := chainFile(t)
	bc := openChain(t, path)
	before := bucketDump(t, bc)
	err := bc.db.Update(func(tx *bolt.Tx) (err error) {
		for c := range coins(t, bc) { // they had an owner and a value once, and no height
			k := appendOutPoint(nil, c.OutPoint)
			err = errors.Join(err, tx.Bucket(bucketCoins).Put(k, tx.Bucket(bucketCoins).Get(k)[:ownerLen+8]))
		}
		err = errors.Join(err, tx.DeleteBucket(bucketOwners), tx.Bucket(bucketMeta).Delete(keyUTXOTip))
		_, bad := tx.CreateBucket(bucketOwners)
		return cmp.Or(err, bad)
	})
	if err := cmp.Or(err, bc.Close()); err != nil {
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
