package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// What mine prints: a line a block, with what it holds.
func TestMine(t *testing.T) {
	n := startNode(t, NodeConfig{})
	const line = `mined block %d  %.8s  %s` + "\n"
	want := func(height, txs int) string {
		return fmt.Sprintf(line, height, must(n.chain.BlockAt(height))(t).Header.Hash, plural(txs, "transaction"))
	}

	genesis, other := n.startChain(), n.createWallet()
	if got := n.do("mine"); got != want(1, 1) {
		t.Errorf("mine: got %q, want %q", got, want(1, 1))
	}
	if got, want := n.do("mine", "03"), want(2, 1)+want(3, 1)+want(4, 1); got != want {
		t.Errorf("mine 3: got %q, want %q", got, want)
	}
	n.wantBalance(genesis, 5000)

	// One payment waits for another. It need not.
	n.send(genesis, other, 10)
	if got := n.do("mine", "2"); got != want(5, 2)+want(6, 1) {
		t.Errorf("mine 2: got %q, want %q", got, want(5, 2)+want(6, 1))
	}
	n.wantBalance(other, 10)
	wantPooled(t, n.pool)

	out := []byte(n.do("mine", "2", "-json"))
	for height, raw := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		var got view.Row
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if want := (inspector{n.Node}).row(must(n.chain.BlockAt(7+height))(t), true); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	checkWhole(t, n.chain)
}

// What mine does not do, and says.
func TestMineErrors(t *testing.T) {
	empty, walletless := startNode(t, NodeConfig{}), startNode(t, NodeConfig{})
	add(t, walletless.chain, mine(t, nil, testWallet(t, 0), 0))
	stopped := startNode(t, NodeConfig{})
	stopped.stop()
	const whole = ": give a whole number from 1 to 1000: see `go run . mine -h`"
	tests := []struct {
		node    *testNode
		command string
		code    int
		want    string
	}{
		{empty, "mine", 1, "no chain yet: start one with `go run . genesis_block`"},
		{empty, "mine 3", 1, "no chain yet: start one with `go run . genesis_block`"},
		{walletless, "mine", 1, "no wallet for the reward: make one with `go run . createwallet`"},
		{walletless, "mine -json", 1, "no wallet for the reward: make one with `go run . createwallet`"},
		{stopped, "mine", 1, "no node answers on " + stopped.RPCAddr() + ": start one with `go run . start`"},

		{walletless, "mine 0", 2, `mine: "0"` + whole},
		{walletless, "mine x", 2, `mine: "x"` + whole},
		{walletless, "mine -1", 2, `mine: "-1"` + whole},
		{walletless, "mine 1.5", 2, `mine: "1.5"` + whole},
		{walletless, "mine 0x2", 2, `mine: "0x2"` + whole},
		{walletless, "mine 1001", 2, `mine: "1001"` + whole},
		{walletless, "mine 9223372036854775808", 2, `mine: "9223372036854775808"` + whole},
		{walletless, "mine 1 2", 2, "mine: \"2\" is one argument too many: see `go run . mine -h`"},
		{walletless, "mine -all", 2, "mine: flag provided but not defined: -all: see `go run . mine -h`"},
	}
	for _, tt := range tests {
		code, stdout, stderr := tt.node.try(strings.Fields(tt.command)...)
		stderr = strings.ReplaceAll(stderr, " -rpc "+tt.node.RPCAddr(), "")
		if code != tt.code || stdout != "" || stderr != tt.want+"\n" {
			t.Errorf("%s: exit code %d, want %d\ngot  %q\nwant %q\nstdout %q", tt.command, code, tt.code, stderr, tt.want+"\n", stdout)
		}
	}
	if height := walletless.chain.tip().height; height != 0 {
		t.Errorf("height %d, want 0", height)
	}
}

// Of two payments that spend one coin, mine takes the first, and tells of the other,
// which tx still knows.
func TestMineDropsRivals(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 5})
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	genesis := mine(t, nil, alice, 0)
	add(t, n.chain, genesis)
	n.createWallet()
	first := pay(t, alice, bob.Address(), 1, reward(t, genesis))
	second := pay(t, alice, bob.Address(), 2, reward(t, genesis))
	if _, err := n.pool.AddTransactions(t.Context(), rawTxs(first, second)); err != nil {
		t.Fatal(err)
	}

	_, stdout, stderr := n.try("mine")
	want := fmt.Sprintf("dropped transaction %.8s: coin is already spent: %.8s:0 by %.8s\n", second.TxID, genesis.Transactions[0].TxID, first.TxID)
	if !strings.HasSuffix(stdout, "  2 transactions\n") || stderr != want {
		t.Errorf("got %q, %q, want %q", stdout, stderr, want)
	}
	checkScreen(t, stdout+stderr)

	got := n.do("tx", second.TxID)
	want = fmt.Sprintf("dropped: coin is already spent: %.8s:0 by %.8s\n", genesis.Transactions[0].TxID, first.TxID)
	if !strings.Contains(got, want) || !strings.Contains(got, "\n✗ each coin that it spends exists, and is not spent yet\n") {
		t.Errorf("tx prints %q, want %q in it", got, want)
	}
	if got := n.do("tx", first.TxID[:6]); !strings.Contains(got, "\nin block 1, 1 confirmation\n") {
		t.Errorf("tx prints %q, want it in block 1", got)
	}
}

// A pestContext, whenever it is asked whether it has ended, does something.
type pestContext struct {
	context.Context
	do func() error
}

func (c *pestContext) Err() error { return c.do() }

// mineWith runs the command's method on a pool whose miner has this context.
func mineWith(t *testing.T, p *TxPool, do func() error) (reply MineReply, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer func() {
		cancel()
		<-p.stopped
	}()
	go p.Run(&pestContext{ctx, do})
	return reply, (&Cli{inspect(p).node}).Mine("", &reply)
}

// When another block comes first, ours is mined on top of it. If that happens
// again and again, the command gives up; it ends with the node, too.
func TestMineInCompany(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	newMiner := func() (p *TxPool, theirs func()) {
		tip := mine(t, nil, alice, 0)
		bc := newChain(t)
		add(t, bc, tip)
		return newPool(t, bc, bob), func() {
			tip = mine(t, tip, alice, 0)
			add(t, bc, tip)
		}
	}

	p, theirs := newMiner()
	asked := 0
	reply, err := mineWith(t, p, func() error {
		if asked++; asked == 1 { // after the work, before the block is added
			theirs()
		}
		return nil
	})
	tip := tipOf(t, p.bc)
	if err != nil || reply.Block.Height != 2 || reply.Block.Hash != tip.Header.Hash || reply.Block.Miner != bob.Address() {
		t.Errorf("mined %+v, %v, want block 2", reply, err)
	}

	p, theirs = newMiner()
	_, err = mineWith(t, p, func() error { theirs(); return nil })
	want := "not mined: other nodes' blocks came first, again and again: `go run . chain` shows them"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}

	p, _ = newMiner()
	_, err = mineWith(t, p, func() error { return context.Canceled }) // the node stops meanwhile
	if !errors.Is(err, ErrStopped) {
		t.Errorf("error is %v, want %v", err, ErrStopped)
	}
	if err := (&Cli{inspect(p).node}).Mine("", &reply); !errors.Is(err, ErrStopped) { // it has stopped
		t.Errorf("error is %v, want %v", err, ErrStopped)
	}
}

// The pool remembers the last few transactions that it dropped, of whatever size.
func TestPoolRemembersDrops(t *testing.T) {
	p := newPool(t, newChain(t))
	dropOf := func(n, size int) Drop {
		return Drop{&Transaction{TxID: sha256Hex(fmt.Append(nil, n)), Vouts: []TXOutput{{1, strings.Repeat("x", size)}}}, fmt.Errorf("reason %d", n)}
	}
	remember := func(from, to, size int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for n := from; n < to; n++ {
			p.remember(dropOf(n, size))
		}
	}
	check := func(n int, known bool) {
		t.Helper()
		d, ok := p.droppedTx(dropOf(n, 0).Tx.TxID[:10])
		if ok != known || ok && d.Err.Error() != fmt.Sprint("reason ", n) {
			t.Errorf("drop %d is %v, %t, want %t", n, d.Err, ok, known)
		}
	}

	remember(0, maxDrops+10, 1)
	check(9, false)
	check(10, true)
	check(maxDrops+9, true)
	if len(p.drops) != maxDrops {
		t.Errorf("%d drops, want %d", len(p.drops), maxDrops)
	}

	remember(1000, 1002, maxDropBytes/2-200) // two fit, and not much else
	check(maxDrops+9, true)
	remember(1002, 1003, maxDropBytes/2-200)
	check(1000, false)
	check(1001, true)
	check(1002, true)
	remember(1003, 1004, maxDropBytes-200) // larger than any in a block
	check(1002, false)
	check(1003, true)

	size := 0
	for _, d := range p.drops {
		size += len(d.Tx.AppendJSON(nil))
	}
	if size != p.dropBytes || size > maxDropBytes {
		t.Errorf("%d bytes, counted %d, at most %d", size, p.dropBytes, maxDropBytes)
	}

	// Dropped again, for another reason: the last one is told.
	p.mu.Lock()
	d := dropOf(2000, 1)
	p.remember(d)
	d.Err = ErrSpent
	p.remember(d)
	p.mu.Unlock()
	if got, ok := p.droppedTx(d.Tx.TxID); !ok || got.Err != ErrSpent {
		t.Errorf("got %v, want %v", got.Err, ErrSpent)
	}
}

// However many ask at once, each gets a block of its own.
func TestMineTogether(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.startChain()
	outputs := make(chan string)
	for range 5 {
		go func() {
			_, stdout, stderr := n.try("mine", "2")
			outputs <- stdout + stderr
		}()
	}

	heights := make(map[string]bool)
	for range 5 {
		for _, m := range regexp.MustCompile(`mined block (\d+) `).FindAllStringSubmatch(<-outputs, -1) {
			heights[m[1]] = true
		}
	}
	if height := n.chain.tip().height; len(heights) != 10 || height != 10 {
		t.Errorf("blocks %v, height %d, want 10", heights, height)
	}
}
