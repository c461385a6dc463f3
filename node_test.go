package main

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

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

// The article's test section, on two nodes over real sockets.
// B19: the second node must not mine the same pool again.
func TestArticleTranscript(t *testing.T) {
	a := startNode(t, NodeConfig{})
	b := join(t, NodeConfig{}, a)
	genesis := a.address("genesis_block")
	b.awaitTip(a)
	for _, n := range []*testNode{a, b} {
		if got, want := n.do("balance", genesis), genesis+" balance is 1000\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	receiver := b.address("createwallet")
	if got, want := b.do("printwallet"), "Wallet are:\n\t"+receiver+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for range 2 {
		got := a.do("send", "--from", genesis, "--to", receiver, "--amount", "100")
		if want := "send 100 from " + genesis + " to " + receiver + "\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	b.awaitTip(a)
	b.await("empty pool", func() bool { return len(b.pool.Transactions()) == 0 }) // it follows the tip, after a moment
	check := func() {
		t.Helper()
		for _, n := range []*testNode{a, b} {
			if got, want := n.do("balance", genesis), genesis+" balance is 1900\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got, want := n.do("balance", receiver), receiver+" balance is 100\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if pool := n.pool.Transactions(); len(pool) != 0 {
				t.Errorf("pool holds %d transactions, want none", len(pool))
			}
		}
		if got, want := b.do("print", "1"), a.do("print", "1"); got != want {
			t.Errorf("block 1 is %q, want %q", got, want)
		}
	}
	check()
	a.awaitHeartbeats(4)
	b.awaitHeartbeats(4)
	check()
	if got := tipOf(t, b.chain).Header.Height; got != 1 {
		t.Errorf("height %d, want 1", got)
	}
}

// The article's third problem, and -spend-pending, its answer: two payments in
// a row from one coin. By default the second is dropped (1900 are left); with
// the flag it spends the first one's change, in the same block (1800).
func TestSpendPending(t *testing.T) {
	for _, tt := range []struct {
		pending     bool
		left, payee string
	}{{false, "1900", "100"}, {true, "1800", "200"}} {
		a := startNode(t, NodeConfig{SpendPending: tt.pending})
		b := join(t, NodeConfig{}, a)
		genesis := a.address("genesis_block")
		payee := b.address("createwallet")
		for range 2 {
			a.do("send", "--from", genesis, "--to", payee, "--amount", "100")
		}
		b.awaitTip(a)
		for _, n := range []*testNode{a, b} {
			if got, want := n.do("balance", genesis), genesis+" balance is "+tt.left+"\n"; got != want {
				t.Errorf("pending %v: got %q, want %q", tt.pending, got, want)
			}
			if got, want := n.do("balance", payee), payee+" balance is "+tt.payee+"\n"; got != want {
				t.Errorf("pending %v: got %q, want %q", tt.pending, got, want)
			}
		}
	}
}

// A node that joins late has the whole chain within two heartbeats.
func TestLateJoiner(t *testing.T) {
	a := startNode(t, NodeConfig{PoolSize: 1})
	genesis := a.address("genesis_block")
	other := a.address("createwallet")
	b := join(t, NodeConfig{}, a)
	for range 3 {
		a.do("send", "--from", genesis, "--to", other, "--amount", "7")
	}
	b.awaitTip(a)
	c := join(t, NodeConfig{}, b)
	c.awaitTip(a)
	if got, want := c.do("balance", other), other+" balance is 21\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Two nodes that mined apart agree after the next block, and the losing
// branch's transactions are back in the pool. B18, B21.
func TestMinedApart(t *testing.T) {
	dirA, dirB := t.TempDir(), t.TempDir()
	a := startNode(t, NodeConfig{Data: dirA, PoolSize: 1})
	b := join(t, NodeConfig{Data: dirB, PoolSize: 1}, a)
	first := a.address("genesis_block")
	second := b.address("createwallet")
	a.do("send", "--from", first, "--to", second, "--amount", "300")
	b.awaitTip(a)
	a.stop()
	b.stop()

	a = startNode(t, NodeConfig{Data: dirA, PoolSize: 1})
	b = startNode(t, NodeConfig{Data: dirB, PoolSize: 1})
	a.do("send", "--from", first, "--to", second, "--amount", "1")
	b.do("send", "--from", second, "--to", first, "--amount", "2")
	lost := tipOf(t, b.chain).Transactions[1].TxID
	a.do("send", "--from", first, "--to", second, "--amount", "3")
	b.stop()
	b = join(t, NodeConfig{Data: dirB, PoolSize: 9}, a)
	b.awaitTip(a)
	if got := tipOf(t, b.chain).Header.Height; got != 3 {
		t.Errorf("height %d, want 3", got)
	}
	b.await("lost transaction back in the pool", func() bool { return b.pool.Has(lost) })
}

// B35: a node is the same node after a restart, and another node is another.
func TestNodeIDIsKept(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, NodeConfig{Data: dir})
	id := n.discovery.Self().ID
	n.stop()
	if got := startNode(t, NodeConfig{Data: dir}).discovery.Self().ID; got != id {
		t.Errorf("ID %s after a restart, want %s", got, id)
	}
	if got := startNode(t, NodeConfig{}).discovery.Self().ID; got == id {
		t.Errorf("two nodes have the ID %s", got)
	}
}

// B41, B3, B42 and the rest of what a user may get wrong: each its own error,
// on one line, that says what to do next.
func TestCommandErrors(t *testing.T) {
	n := startNode(t, NodeConfig{})
	var stdout, stderr bytes.Buffer
	code := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return run(context.Background(), args, &stdout, &stderr)
	}
	rpcFlag := []string{"-rpc", n.RPCAddr()}
	foreign := testWallet(t, 0).Address()
	if code(append([]string{"print", "0"}, rpcFlag...)...) != 1 || !strings.Contains(stderr.String(), "genesis_block") {
		t.Errorf("print without a chain: %s", stderr.String())
	}
	genesis := n.address("genesis_block")
	tests := []struct {
		name string
		args []string
		code int
		want string // in stderr
	}{
		{"second genesis block", []string{"genesis_block"}, 1, "there is a chain already"},
		{"negative amount", []string{"send", "--from", genesis, "--to", foreign, "--amount", "-5"}, 1, "amount is -5"},
		{"no amount", []string{"send", "--from", genesis, "--to", foreign}, 1, "amount is 0"},
		{"not there", []string{"send", "--from", genesis, "--to", foreign, "--amount", "1001"}, 1, "has 1000"},
		{"overflow", []string{"send", "--from", genesis, "--to", foreign, "--amount", "9223372036854775808"}, 2, "value out of range"},
		{"mistyped payee", []string{"send", "--from", genesis, "--to", foreign[:20] + "x" + foreign[21:], "--amount", "5"}, 1, "mistyped"},
		{"no address", []string{"send", "--from", genesis, "--to", "hello", "--amount", "5"}, 1, "not an address"},
		{"another's wallet", []string{"send", "--from", foreign, "--to", genesis, "--amount", "5"}, 1, "not in this node's wallet"},
		{"balance of nonsense", []string{"balance", "hello"}, 1, "printwallet"},
		{"no such height", []string{"print", "7"}, 1, "the last one is `go run . print 0`"},
		{"negative height", []string{"print", "--", "-1"}, 1, "no such block"},
		{"no height", []string{"print", "x"}, 2, "not a height"},
		{"too many words", []string{"balance", genesis, genesis}, 2, "takes 1 argument, not 2"},
		{"unknown flag", []string{"balance", "-x", genesis}, 2, "not defined"},
		{"unknown command", []string{"mine"}, 2, "unknown command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := slices.Insert(slices.Clone(tt.args), 1, rpcFlag...)
			if tt.name == "unknown command" {
				args = tt.args
			}
			if got := code(args...); got != tt.code || !strings.Contains(stderr.String(), tt.want) || stdout.Len() != 0 {
				t.Errorf("exit code %d, want %d; stderr %q, want %q in it; stdout %q", got, tt.code, stderr.String(), tt.want, stdout.String())
			}
			if tt.code == 1 && strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("stderr is not one line: %q", stderr.String())
			}
		})
	}
	if got := n.do("balance", genesis); got != genesis+" balance is 1000\n" {
		t.Errorf("after all that: %s", got)
	}
}

func TestNoNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.stop() // its port is free now
	var stderr bytes.Buffer
	code := run(context.Background(), []string{"printwallet", "-rpc", n.RPCAddr()}, io.Discard, &stderr)
	if want := "no node answers on " + n.RPCAddr() + ": start one with `go run . start`\n"; code != 1 || stderr.String() != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr.String(), want)
	}
}

// B33: a taken port or directory is an error, with the whole command for a
// second node in it. An RPC address that others can reach is refused.
func TestStartErrors(t *testing.T) {
	n := startNode(t, NodeConfig{})
	data := n.config.Data
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"rpc taken", []string{"-rpc", n.RPCAddr(), "-listen", "127.0.0.1:0"}, "for a second node on this machine: go run . start -listen"},
		{"port taken", []string{"-rpc", "127.0.0.1:0", "-listen", n.Addr().String()}, "for a second node on this machine: go run . start -listen"},
		{"directory taken", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-data", data}, "for a second node on this machine: go run . start -listen"},
		{"rpc for all", []string{"-rpc", ":0", "-listen", "127.0.0.1:0"}, "loopback"},
		{"rpc for some", []string{"-rpc", "192.0.2.1:9999", "-listen", "127.0.0.1:0"}, "loopback"},
		{"pool of nothing", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-pool-size", "0"}, "pool size is 0"},
		{"seed without port", []string{"-bootstrap", "localhost"}, "missing port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"start"}, tt.args...)
			if !slices.Contains(args, "-data") {
				args = append(args, "-data", t.TempDir())
			}
			var stderr bytes.Buffer
			code := run(context.Background(), args, io.Discard, &stderr)
			if code == 0 || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("exit code %d, %q, want %q in it", code, stderr.String(), tt.want)
			}
		})
	}
}
