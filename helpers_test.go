package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"
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

// bucketDump returns every key and value of the chain's file, save the block
// headers of bolt's own.
func bucketDump(t testing.TB, bc *Blockchain) string {
	t.Helper()
	var s strings.Builder
	err := bc.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			fmt.Fprintf(&s, "%s %d\n", name, b.Sequence())
			return b.ForEach(func(k, v []byte) error {
				fmt.Fprintf(&s, "%x %x\n", k, v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

// work does the proof of work of a block's header as it stands.
func work(t testing.TB, b *Block) *Block {
	t.Helper()
	if b.Header.Height == 0 {
		b.Header.Hash = b.Header.hash()
	} else if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

// seal makes a block's header fit its transactions, and does the work.
func seal(t testing.TB, b *Block) *Block {
	t.Helper()
	b.Header.HashMerkleRoot = b.merkleRoot()
	return work(t, b)
}

// must returns a function that returns v, or ends the test if there was an
// error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// An endingContext ends when it has been asked so many times whether it has.
type endingContext struct {
	context.Context
	left atomic.Int64
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A context that is asked whether it has ended, and takes the time to do something.
type busyContext struct {
	context.Context
	once sync.Once
	do   func()
}

func (c *busyContext) Err() error {
	c.once.Do(c.do)
	return nil
}

// bucketText returns the content of some buckets.
func bucketText(tx *bolt.Tx, names ...[]byte) string {
	var s strings.Builder
	for _, name := range names {
		fmt.Fprintf(&s, "%s\n", name)
		tx.Bucket(name).ForEach(func(k, v []byte) error {
			fmt.Fprintf(&s, "%x %x\n", k, v)
			return nil
		})
	}
	return s.String()
}

var errUndo = errors.New("only to look")

// checkWhole checks a chain from its genesis block up: each block by itself,
// that they hang together, that the UTXO set is what a plain replay gives and,
// with owners and undo records, what Reindex gives, that no coin was made or
// lost, and that what is noted of the blocks beside the chain adds up.
func checkWhole(t testing.TB, bc *Blockchain) {
	t.Helper()
	status, err := bc.Status()
	if err != nil {
		t.Fatal(err)
	}
	set, parent := make(map[OutPoint]TXOutput), ""
	for height := range status.Height + 1 {
		b, err := bc.BlockAt(height)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(t.Context(), bc.now()); err != nil {
			t.Error(err)
		}
		if b.Header.Height != height || b.Header.PrevBlockHash != parent {
			t.Errorf("block %d calls itself %d, after %s", height, b.Header.Height, b.Header.PrevBlockHash)
		}
		parent = b.Header.Hash
		for _, tx := range b.Transactions {
			for i := range tx.Vins {
				if _, ok := set[tx.Vins[i].OutPoint()]; !ok && !tx.IsCoinbase() {
					t.Errorf("block %d spends %v, which is not there", height, tx.Vins[i].OutPoint())
				}
				delete(set, tx.Vins[i].OutPoint())
			}
			for i, out := range tx.Vouts {
				set[OutPoint{tx.TxID, i}] = out
			}
		}
	}
	have, sum := coins(t, bc), int64(0)
	for c := range have {
		if out, ok := set[c.OutPoint]; !ok || out.Value != c.Value || out.PubKeyHash != c.Owner.Address() {
			t.Errorf("coin %v is in the set, and not in the chain", c)
		}
		sum += c.Value
	}
	if want := int64(Subsidy) * int64(status.Height+1); sum != want || len(have) != len(set) {
		t.Errorf("%d coins of %d outputs, want %d of %d", sum, len(have), want, len(set))
	}
	err = bc.db.Update(func(tx *bolt.Tx) error {
		before := bucketText(tx, bucketCoins, bucketOwners, bucketUndo)
		if err := (UTXOSet{tx}).Reindex(status.Height, bc.BlockAt); err != nil {
			return err
		}
		if bucketText(tx, bucketCoins, bucketOwners, bucketUndo) != before {
			t.Error("Reindex gives another UTXO set")
		}
		checkSide(t, chain{tx})
		return errUndo
	})
	if err != errUndo {
		t.Fatal(err)
	}
}

// checkSide checks that every stored block is either on the chain or noted as
// beside it, and that the sum of the sizes is right.
func checkSide(t testing.TB, c chain) {
	t.Helper()
	var sizes uint64
	side := c.tx.Bucket(bucketSide)
	side.ForEach(func(k, v []byte) error {
		sizes += uint64(v[0])<<24 | uint64(v[1])<<16 | uint64(v[2])<<8 | uint64(v[3])
		return nil
	})
	if sizes != side.Sequence() {
		t.Errorf("blocks beside the chain: %d bytes, noted %d", sizes, side.Sequence())
	}
	stored, on := c.tx.Bucket(bucketBlocks).Stats().KeyN, c.tip().height+1
	if beside := side.Stats().KeyN; stored != on+beside {
		t.Errorf("%d blocks stored, but %d on the chain and %d beside it", stored, on, beside)
	}
	if _, hash := c.tx.Bucket(bucketHeights).Cursor().Last(); fmt.Sprintf("%x", hash) != c.tip().hash {
		t.Errorf("the last height has %x, want %s", hash, c.tip().hash)
	}
}

const testHeartbeat = 200 * time.Millisecond

// A testNode is a node on loopback, run as its users run one.
type testNode struct {
	*Node
	t    testing.TB
	logs *logCounter
	stop func() // and wait
}

// startNode runs a node on ports that the system chooses, until the test ends.
func startNode(t testing.TB, c NodeConfig) *testNode {
	t.Helper()
	c.Listen, c.RPC = "127.0.0.1:0", "127.0.0.1:0"
	if c.Data == "" {
		c.Data = t.TempDir()
	}
	if c.PoolSize == 0 {
		c.PoolSize = 2
	}
	c.Heartbeat = cmp.Or(c.Heartbeat, testHeartbeat)
	logs := &logCounter{counts: make(map[string]int), more: make(chan struct{})}
	n, err := OpenNode(c, slog.New(logs))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	tn := &testNode{Node: n, t: t, logs: logs}
	tn.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("node ends with %v", err)
		}
	})
	t.Cleanup(tn.stop)
	return tn
}

// join starts a node that joins others.
func join(t testing.TB, c NodeConfig, seeds ...*testNode) *testNode {
	t.Helper()
	for _, s := range seeds {
		c.Bootstrap = append(c.Bootstrap, s.Addr().String())
	}
	return startNode(t, c)
}

// do runs a command against the node, and returns what it prints to stdout.
func (n *testNode) do(args ...string) string {
	n.t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), append(args, "-rpc", n.RPCAddr()), &stdout, &stderr); code != 0 {
		n.t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

var addressPattern = regexp.MustCompile(`1[1-9A-HJ-NP-Za-km-z]{25,33}`)

// address runs a command and returns the first address that it prints.
func (n *testNode) address(args ...string) string {
	n.t.Helper()
	return addressPattern.FindString(n.do(args...))
}

// await waits until ok, which is asked again whenever the node logs something.
func (n *testNode) await(what string, ok func() bool) {
	n.t.Helper()
	limit := time.After(time.Minute)
	for {
		more := n.logs.next()
		if ok() {
			return
		}
		select {
		case <-more:
		case <-limit:
			n.t.Fatalf("no %s", what)
		}
	}
}

// awaitTip waits until the node's last block is that of other.
func (n *testNode) awaitTip(other *testNode) {
	n.t.Helper()
	n.await("common tip", func() bool {
		a, err := n.chain.Tip()
		b, err2 := other.chain.Tip()
		return err == nil && err2 == nil && a.ref() == b.ref()
	})
}

// awaitHeartbeats waits for count more handshakes of the node's own clients.
func (n *testNode) awaitHeartbeats(count int) {
	n.t.Helper()
	began := n.logs.count("message sent")
	n.await("heartbeat", func() bool { return n.logs.count("message sent") >= began+count })
}

// A logCounter is a log handler that counts lines by their message.
type logCounter struct {
	mu     sync.Mutex // guards all below
	counts map[string]int
	more   chan struct{} // closed and replaced at each line
}

func (l *logCounter) Enabled(context.Context, slog.Level) bool { return true }

func (l *logCounter) WithAttrs([]slog.Attr) slog.Handler       { return l }

func (l *logCounter) WithGroup(string) slog.Handler            { return l }

func (l *logCounter) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[r.Message]++
	close(l.more)
	l.more = make(chan struct{})
	return nil
}

func (l *logCounter) count(message string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[message]
}

func (l *logCounter) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.more
}

// quietNode returns a node that is open and does not run, but for its miner.
func quietNode(t *testing.T, poolSize int) *Node {
	t.Helper()
	config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: poolSize}
	n, err := OpenNode(config, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	n.chain.db.NoSync = true
	ctx, cancel := context.WithCancel(context.Background())
	var miner sync.WaitGroup
	miner.Go(func() { n.pool.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		miner.Wait()
		n.close()
	})
	return n
}

// call calls a method of Cli, which must succeed.
func call[A, R any](t testing.TB, method func(A, *R) error, args A) (reply R) {
	t.Helper()
	if err := method(args, &reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

// runNode runs a node; the function that it returns stops it and waits.
func runNode(t testing.TB, n *Node) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("node ends with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the node does not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

// A lineLog is a log handler that counts lines by their message.
type lineLog struct {
	mu    sync.Mutex // guards all below
	lines map[string]int
	more  chan struct{} // closed and replaced at each line
}

func newLineLog() *lineLog { return &lineLog{lines: make(map[string]int), more: make(chan struct{})} }

func (l *lineLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *lineLog) WithAttrs([]slog.Attr) slog.Handler       { return l }

func (l *lineLog) WithGroup(string) slog.Handler            { return l }

func (l *lineLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[r.Message]++
	close(l.more)
	l.more = make(chan struct{})
	return nil
}

// await waits until a line was logged n times.
func (l *lineLog) await(t testing.TB, line string, n int) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		l.mu.Lock()
		have, more := l.lines[line], l.more
		l.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("%q was logged %d times, want %d", line, have, n)
		}
	}
}
