package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

// What the tests share, in three parts: making chains, blocks and payments;
// asking what a chain holds; running nodes.

// newChain returns an empty chain in a temporary directory.
func newChain(t testing.TB) *Blockchain {
	t.Helper()
	return openChain(t, filepath.Join(t.TempDir(), "chain.db"))
}

func openChain(t testing.TB, path string) *Blockchain {
	t.Helper()
	bc, err := OpenBlockchain(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	bc.db.NoSync = true // a test's chain need not survive a power cut
	t.Cleanup(func() { bc.Close() })
	return bc
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
	return work(t, NewBlock(header, append([]*Transaction{NewCoinbase(w.Address(), now)}, txs...), now))
}

// mineChain returns n blocks, each on top of the one before, and the first on
// top of parent. All pay the subsidy to w.
func mineChain(t testing.TB, parent *Block, w *Wallet, salt, n int) (blocks []*Block) {
	t.Helper()
	for range n {
		parent = mine(t, parent, w, salt)
		blocks = append(blocks, parent)
	}
	return blocks
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

// reward returns the coin that b's coinbase makes.
func reward(t testing.TB, b *Block) Coin {
	t.Helper()
	return coin(t, b.Transactions[0], 0)
}

// raws returns blocks as they cross the wire.
func raws(blocks ...*Block) (raws []json.RawMessage) {
	for _, b := range blocks {
		raws = append(raws, b.AppendJSON(nil))
	}
	return raws
}

// rawTxs returns transactions as they cross the wire.
func rawTxs(txs ...*Transaction) (raws []json.RawMessage) {
	for _, tx := range txs {
		raws = append(raws, tx.AppendJSON(nil))
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

// add adds blocks, which the chain must accept.
func add(t testing.TB, bc *Blockchain, blocks ...*Block) {
	t.Helper()
	if err := bc.AddBlocks(context.Background(), raws(blocks...)); err != nil {
		t.Fatal(err)
	}
}

// refuse offers blocks, which the chain must refuse with that error.
func refuse(t testing.TB, bc *Blockchain, want error, blocks ...*Block) {
	t.Helper()
	if err := bc.AddBlocks(context.Background(), raws(blocks...)); !errors.Is(err, want) {
		t.Errorf("error is %.500v, want %v", err, want)
	}
}

// newPool returns a pool on top of bc that follows it, and does not mine by
// itself. Two transactions fill it; its grace period is 5 s, and its rewards go
// to the first of the wallets given.
func newPool(t testing.TB, bc *Blockchain, rewarded ...*Wallet) *TxPool {
	t.Helper()
	wallets := must(OpenWallets(filepath.Join(t.TempDir(), "wallet.dat")))(t)
	wallets.list = rewarded
	p := NewTxPool(bc, wallets, 2, 5*time.Second, false, slog.New(slog.DiscardHandler))
	p.random = func() float64 { return 0 }
	bc.onChange = p.Update
	return p
}

// runPool returns a pool that mines, on top of a chain whose genesis block pays
// 1000 coins to w, and that block.
func runPool(t testing.TB, w *Wallet, rewarded ...*Wallet) (*TxPool, *Block) {
	t.Helper()
	genesis := mine(t, nil, w, 0)
	bc := newChain(t)
	bc.now = func() time.Time { return vectorTime }
	add(t, bc, genesis)

	p := newPool(t, bc, rewarded...)
	ctx, cancel := context.WithCancel(context.Background())
	go p.Run(ctx)
	t.Cleanup(func() {
		cancel()
		<-p.stopped
	})
	return p, genesis
}

// fillPool puts transactions into a pool until it takes no more of others. None
// can be mined beside tx, whose coin they spend, too; they are not signed, which
// would take long.
func fillPool(p *TxPool, tx *Transaction) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.txs); i < maxPoolTxs; i++ {
		junk := *tx
		junk.TxID = sha256Hex(fmt.Append(nil, i))
		p.txs = append(p.txs, &junk)
	}
}

func txids(txs []*Transaction) (ids []string) {
	for _, tx := range txs {
		ids = append(ids, tx.TxID)
	}
	return ids
}

// wantPooled checks what a pool holds, in order.
func wantPooled(t testing.TB, p *TxPool, want ...*Transaction) {
	t.Helper()
	if got, want := txids(p.Transactions()), txids(want); !slices.Equal(got, want) {
		t.Errorf("pool has %v, want %v", got, want)
	}
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

func tipOf(t testing.TB, bc *Blockchain) *Block {
	t.Helper()
	return must(bc.Tip())(t)
}

// wantTip checks that b is the last block of the chain.
func wantTip(t testing.TB, bc *Blockchain, b *Block) {
	t.Helper()
	if got := tipOf(t, bc); got.ref() != b.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), b.ref())
	}
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

// checkSupply checks, in one state of the chain, that the balances of its
// wallets are all the coins that a chain of its height can have, and returns
// the height.
func checkSupply(bc *Blockchain, wallets []*Wallet) (height int, err error) {
	err = bc.UTXO(func(s UTXOSet) error {
		var sum int64
		for _, w := range wallets {
			sum += s.Balance(hash160(w.pubKey))
		}

		height = chain(s).tip().height
		if want := int64(Subsidy) * int64(height+1); sum != want {
			return fmt.Errorf("%d coins at height %d, want %d", sum, height, want)
		}
		return nil
	})
	return height, err
}

// bucketDump returns every key and value of the chain's file, save the block
// headers of bolt's own.
func bucketDump(t testing.TB, bc *Blockchain) string {
	t.Helper()
	var s strings.Builder
	err := bc.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			fmt.Fprintf(&s, "%d ", b.Sequence())
			s.WriteString(bucketText(tx, name))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
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

// checkWhole checks a chain from its genesis block up: each block by itself,
// that they hang together, that the UTXO set is what a plain replay gives and,
// with owners and undo records, what Reindex gives, that no coin was made or
// lost, and that what is noted of the blocks beside the chain adds up.
func checkWhole(t testing.TB, bc *Blockchain) {
	t.Helper()
	if err := checkPages(bc.db.Path(), true); err != nil {
		t.Error(err)
	}
	if err := bc.verify(t.Context(), true); err != nil {
		t.Error(err)
	}

	status, err := bc.Status()
	if err != nil {
		t.Fatal(err)
	}

	// Replay the chain: outputs come in, inputs take them out.
	set, parent := make(map[OutPoint]TXOutput), ""
	for height := range status.Height + 1 {
		b := must(bc.BlockAt(height))(t)
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

	// The UTXO set is what is left, and the subsidies are its sum.
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

	// Reindex changes nothing. Whatever it writes is undone.
	errUndo := errors.New("only to look")
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
	side.ForEach(func(_, v []byte) error {
		sizes += uint64(binary.BigEndian.Uint32(v))
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

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// An endingContext ends when it has been asked so many times whether it has.
type endingContext struct {
	context.Context
	left atomic.Int64
}

func endAfter(t testing.TB, asked int64) *endingContext {
	ctx := &endingContext{Context: t.Context()}
	ctx.left.Store(asked)
	return ctx
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// skipSlow leaves a test out of a -short run: it computes for long, or waits for
// nodes to find each other, which takes a second.
func skipSlow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}

const testHeartbeat = 200 * time.Millisecond

// A testNode is a node on loopback, run as its users run one: a test gives it
// commands, and waits for what it logs.
type testNode struct {
	*Node
	t    testing.TB
	logs *logCounter
	stop func() // and wait
}

// startNode runs a node on ports that the system chooses, until the test ends.
func startNode(t testing.TB, c NodeConfig) *testNode {
	t.Helper()
	n := openNode(t, c)
	n.stop = runNode(t, n.Node)
	return n
}

// join starts a node that joins others.
func join(t testing.TB, c NodeConfig, seeds ...*testNode) *testNode {
	t.Helper()
	for _, s := range seeds {
		c.Bootstrap = append(c.Bootstrap, s.Addr().String())
	}
	return startNode(t, c)
}

// startNodeAt starts a node at an address. It looks for others where it met them
// before; elsewhere no node does, for by now another test may have their ports.
func startNodeAt(t testing.TB, c NodeConfig, addr string) *testNode {
	t.Helper()
	c.Listen = addr
	n := openNodeAt(t, c)
	n.stop = runNode(t, n.Node)
	return n
}

// openNode opens a node that does not run yet: see startNode.
func openNode(t testing.TB, c NodeConfig) *testNode {
	t.Helper()
	if c.Data == "" {
		c.Data = t.TempDir()
	}
	path := filepath.Join(c.Data, "chain.db")
	if _, err := os.Stat(path); err == nil {
		forgetPeers(t, path)
	}
	c.Listen = "127.0.0.1:0"
	return openNodeAt(t, c)
}

// openNodeAt is openNode at c.Listen.
func openNodeAt(t testing.TB, c NodeConfig) *testNode {
	t.Helper()
	c.RPC = "127.0.0.1:0"
	c.PoolSize = cmp.Or(c.PoolSize, 2)
	c.Heartbeat = cmp.Or(c.Heartbeat, testHeartbeat)

	logs := newLogCounter(slog.LevelDebug)
	if _, timed := t.(*testing.B); timed {
		logs.level = slog.LevelInfo // as a node runs without -v
	}
	n, err := OpenNode(t.Context(), c, slog.New(logs))
	if err != nil {
		t.Fatal(err)
	}
	return &testNode{Node: n, t: t, logs: logs}
}

// forgetPeers empties the list of peers in a chain's file, if it has one.
func forgetPeers(t testing.TB, path string) {
	t.Helper()
	db, err := openBolt(path)
	if err != nil {
		return // in use or damaged: the test is about that
	}
	defer db.Close()
	err = db.Update(func(tx *bolt.Tx) error {
		if tx.Bucket(bucketPeers) == nil {
			return nil
		}
		return tx.DeleteBucket(bucketPeers)
	})
	if err != nil {
		t.Fatal(err)
	}
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

// runCommand runs a command line, and returns its exit code and what it prints.
func runCommand(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(context.Background(), args, &out, &err)
	return code, out.String(), err.String()
}

// try runs a command against the node, and returns the exit code and what it
// prints.
func (n *testNode) try(args ...string) (code int, stdout, stderr string) {
	return runCommand(append([]string{args[0], "-rpc", n.RPCAddr()}, args[1:]...)...)
}

// do runs a command against the node, which must succeed, and returns what it
// prints to stdout.
func (n *testNode) do(args ...string) string {
	n.t.Helper()
	code, stdout, stderr := n.try(args...)
	if code != 0 {
		n.t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

var addressPattern = regexp.MustCompile(`1[1-9A-HJ-NP-Za-km-z]{25,33}`)

// address runs a command and returns the first address that it prints.
func (n *testNode) address(args ...string) string {
	n.t.Helper()
	return addressPattern.FindString(n.do(args...))
}

// startChain returns the address that has the first coins.
func (n *testNode) startChain() string {
	n.t.Helper()
	return n.address("genesis_block")
}

func (n *testNode) createWallet() string {
	n.t.Helper()
	return n.address("createwallet")
}

func (n *testNode) send(from, to string, amount int64) {
	n.t.Helper()
	n.do("send", "--from", from, "--to", to, "--amount", fmt.Sprint(amount))
}

func (n *testNode) wantBalance(address string, coins int64) {
	n.t.Helper()
	if got, want := n.do("balance", address), fmt.Sprintf("%s balance is %d\n", address, coins); got != want {
		n.t.Errorf("got %q, want %q", got, want)
	}
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

// awaitLog waits until the node has logged a message.
func (n *testNode) awaitLog(message string) {
	n.t.Helper()
	n.await(message, func() bool { return n.logs.count(message) > 0 })
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

// awaitPooled waits until a transaction is in the node's pool.
func (n *testNode) awaitPooled(txid string) {
	n.t.Helper()
	n.await("pooled "+txid, func() bool { return n.pool.Has(txid) })
}

// A logCounter is a log handler that counts lines by their message.
type logCounter struct {
	level slog.Level // of the lines that it wants

	mu     sync.Mutex // guards all below
	counts map[string]int
	more   chan struct{} // closed and replaced at each line
}

func newLogCounter(level slog.Level) *logCounter {
	return &logCounter{level: level, counts: make(map[string]int), more: make(chan struct{})}
}

func (l *logCounter) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *logCounter) WithGroup(string) slog.Handler      { return l }

func (l *logCounter) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

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

// list returns the names in a directory.
func list(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// call calls a method of Cli, which must succeed.
func call[A, R any](t testing.TB, method func(A, *R) error, args A) (reply R) {
	t.Helper()
	if err := method(args, &reply); err != nil {
		t.Fatal(err)
	}
	return reply
}
