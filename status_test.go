package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// facts runs a command with -json, and returns what it prints, all of it.
func facts[T any](t testing.TB, n *testNode, command string) (shown T) {
	t.Helper()
	line := n.do(append(strings.Fields(command), "-json")...)
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&shown); err != nil {
		t.Fatalf("%s: %v in %q", command, err, line)
	}
	if again := must(json.Marshal(shown))(t); !bytes.Equal(append(again, '\n'), []byte(line)) {
		t.Errorf("%s: got\n%s\nand read and written again\n%s", command, line, again)
	}
	return shown
}

// Where there is nothing yet, a hint says what to type, and scripts get an empty
// list.
func TestEmptyNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	second := must(inspector{n.Node}.Status())(t).Second
	for _, tt := range []struct{ command, json, hint string }{
		{"wallet", "[]\n", "none yet: make one with `go run . createwallet -name alice`"},
		{"pool", "[]\n", "no transaction waits: make one with `go run . send --from A --to B --amount 1`"},
		{"peers", "[]\n", "no peer answers: start another node with `" + second + "`"},
	} {
		code, stdout, stderr := n.try(tt.command)
		stderr = strings.ReplaceAll(stderr, " -rpc "+n.RPCAddr(), "")
		if code != 0 || stdout != "" || stderr != tt.hint+"\n" {
			t.Errorf("%s: exit code %d, %q, got %q, want %q", tt.command, code, stdout, stderr, tt.hint)
		}
		code, stdout, stderr = n.try(tt.command, "-json")
		if code != 0 || stdout != tt.json || stderr != "" {
			t.Errorf("%s -json: exit code %d, got %q, %q, want %q", tt.command, code, stdout, stderr, tt.json)
		}
	}

	s := facts[view.Status](t, n, "status")
	if s.Height != -1 || s.Tip != "" || s.Genesis != "" || s.Wallets != 0 || s.Coins != 0 {
		t.Errorf("status is %+v, want no chain and no wallet", s)
	}
	if want := "no chain yet: start one with `go run . genesis_block`"; s.Hint != want {
		t.Errorf("hint is %q, want %q", s.Hint, want)
	}
	checkScreen(t, n.do("status"))
}

// A status is that of the node. Its flags make a command reach it.
func TestStatus(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 3, View: "127.0.0.1:0"})
	n.address("genesis_block", "-name", "alice")
	n.address("createwallet", "-name", "bob")
	n.do("mine", "2")
	n.send("alice", "bob", 10)

	got := facts[view.Status](t, n, "status")
	want := view.Status{
		Height:   2,
		Tip:      must(n.chain.Hash(2))(t),
		Genesis:  must(n.chain.Hash(0))(t),
		Pool:     1,
		PoolSize: 3,
		Wallets:  2,
		Coins:    3000, // the one that waits has left no wallet yet
		ID:       n.discovery.Self().ID.String(),
		Listen:   n.Addr().String(),
		RPC:      n.RPCAddr(),
		Page:     n.pageURL(),
		Data:     n.config.Data,
		Start:    n.config.restart(),
		Flags:    " -rpc " + n.RPCAddr(),
		Second:   got.Second, // has ports that are free
		Hint:     noPeers(got),
	}
	if !bytes.Equal(must(json.Marshal(got))(t), must(json.Marshal(want))(t)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	args := strings.Fields("balance alice" + got.Flags)
	if code, stdout, stderr := runCommand(args...); code != 0 || stdout != "alice balance is 3000\n" {
		t.Errorf("%q: exit code %d, %q, %q", args, code, stdout, stderr)
	}
	screen := n.do("status")
	checkScreen(t, screen)
	if want := "  listens on   " + got.Listen + ", UDP and TCP\n"; !strings.Contains(screen, want) {
		t.Errorf("got\n%s\nwant a line %q: it is this node's own address", screen, want)
	}
}

// Two nodes that have met tell of each other, in status, peers and the table.
func TestPeerFacts(t *testing.T) {
	skipSlow(t)
	a := startNode(t, NodeConfig{})
	a.startChain()
	b := join(t, NodeConfig{}, a)
	b.awaitTip(a)

	for _, tt := range []struct{ node, other *testNode }{{a, b}, {b, a}} {
		tt.node.await("peer in step", func() bool {
			s, err := inspector{tt.node.Node}.Status()
			return err == nil && s.InStep == 1
		})
		s := facts[view.Status](t, tt.node, "status")
		if s.Peers != 1 || s.Hint != "" || s.Second != "" {
			t.Errorf("status is %+v, want one peer and no hint", s)
		}

		id := tt.other.discovery.Self().ID.String()
		peers := facts[[]view.Peer](t, tt.node, "peers")
		if len(peers) != 1 || peers[0].ID != id || peers[0].Height != 0 || !peers[0].InStep || peers[0].OtherChain {
			t.Errorf("peers are %+v, want %s in step", peers, id)
		}
		if got, want := tt.node.do("peers"), fmt.Sprintf("%s  %s  height 0  in step\n", peers[0].Addr, id); got != want {
			t.Errorf("got %q, want %q", got, want)
		}

		table := must(inspector{tt.node.Node}.Table())(t)
		if table.ID != tt.node.discovery.Self().ID.String() || table.K < 1 {
			t.Errorf("table is %+v", table)
		}
		if len(table.Contacts) != 1 || table.Contacts[0].ID != id || table.Contacts[0].Addr != peers[0].Addr || table.Contacts[0].Silent < 0 {
			t.Errorf("contacts are %+v, want %s", table.Contacts, id)
		}
	}
	if got := facts[view.Status](t, b, "status").Bootstrap; !slices.Equal(got, []string{a.Addr().String()}) {
		t.Errorf("b was to join %q", got)
	}
}

// What waits changes a wallet by what will be mined: of two payments that spend
// one coin, by the first.
func TestRivalsWait(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 5})
	n.address("genesis_block", "-name", "alice")
	n.address("createwallet", "-name", "bob")
	n.createWallet()
	for _, amount := range []int64{10, 20, 10} {
		n.send("alice", "bob", amount)
	}

	txs := facts[[]view.PoolTx](t, n, "pool")
	if len(txs) != 3 {
		t.Fatalf("%d transactions wait, want 3", len(txs))
	}
	for i, want := range []string{
		"waits for 2 more in the pool",
		"will be dropped: spends the same output as " + txs[0].TxID,
		"will be dropped: an equal payment waits before it",
	} {
		tx := txs[i]
		if tx.Waits != want || !tx.Own || tx.Inputs[0].OwnerName != "alice" || tx.Outputs[0].Name != "bob" || !tx.Outputs[1].Change {
			t.Errorf("transaction %d is %+v, want one of alice's to bob that %s", i, tx, want)
		}
		if got := facts[view.TxDetail](t, n, "tx "+tx.TxID[:8]).Waits; i < 2 && got != want { // the third is the first
			t.Errorf("tx: it %s, want %s", got, want)
		}
	}

	check := func(want ...view.Wallet) {
		t.Helper()
		got := facts[[]view.Wallet](t, n, "wallet")
		for i, w := range n.wallets.all() {
			want[i].Address, want[i].Name = w.address, w.name
			want[i].Total = want[i].Confirmed + want[i].Waiting
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		checkScreen(t, n.do("wallet"))
	}
	check(view.Wallet{Confirmed: 1000, Waiting: -10}, view.Wallet{Waiting: 10}, view.Wallet{})

	// To mine them drops two, each by its name, though the last is the first again.
	_, _, stderr := n.try("mine")
	lines := strings.Split(stderr, "\n")
	for i, dropped := range []string{txs[1].TxID, txs[2].TxID} {
		if want := fmt.Sprintf("dropped transaction %.8s: coin is already spent: ", dropped); !strings.HasPrefix(lines[i], want) {
			t.Errorf("mine: got %q, want %q in line %d", stderr, want, i)
		}
	}
	check(view.Wallet{Confirmed: 1990}, view.Wallet{Confirmed: 10}, view.Wallet{})
	for i, state := range []string{view.TxInBlock, view.TxDropped, view.TxInBlock} {
		if got := facts[view.TxDetail](t, n, "tx "+txs[i].TxID); got.State != state {
			t.Errorf("transaction %d is %s, want %s", i, got.State, state)
		}
	}
}

// Large sums stay in their columns, within the terminal, and names get what is left.
func TestWalletsFit(t *testing.T) {
	const large = 9_999_999_999 // as many coins as ten million blocks make
	for _, tt := range []struct {
		name               string
		confirmed, waiting int64
	}{
		{"alice", 0, 0},
		{"alice", large, -large},
		{"", large, large},
		{strings.Repeat("名", maxName), large, large},
		{strings.Repeat("名", maxName), 1, 0},
		{strings.Repeat("a", maxName), 12_345_678, -1},
	} {
		screen := screenOf(func(o *options) {
			o.showWallets([]view.Wallet{
				{Address: sampleXiao, Name: tt.name, Confirmed: tt.confirmed, Waiting: tt.waiting, Total: tt.confirmed + tt.waiting},
				{Address: sampleAlice},
			})
		})
		checkScreen(t, screen)

		lines := strings.Split(strings.TrimSuffix(screen, "\n"), "\n")
		for _, line := range lines {
			if textWidth(line) != textWidth(lines[0]) {
				t.Errorf("columns are not straight:\n%s", screen)
				break
			}
		}
		if total := fmt.Sprint(tt.confirmed + tt.waiting); !strings.HasSuffix(lines[1], " "+total) {
			t.Errorf("a total is not %s:\n%s", total, screen)
		}
	}
}

// Whoever spends the change of a payment that will be dropped goes with it.
func TestLostParent(t *testing.T) {
	v := newVictim(t)
	rival := pay(t, v.alice, v.bob.Address(), 6, v.coins[18])
	child := pay(t, v.alice, v.bob.Address(), 7, coin(t, rival, 1))
	grandchild := pay(t, v.alice, v.bob.Address(), 8, coin(t, child, 1))
	other := v.payment(t)

	pooled := append(v.pool.Transactions(), rival, child, grandchild, other)
	got := v.pool.waits(pooled)
	want := []string{
		"waits for a peer's block",
		"will be dropped: spends the same output as " + pooled[0].TxID,
		"will be dropped: spends an output of " + rival.TxID + ", which will be dropped",
		"will be dropped: spends an output of " + child.TxID + ", which will be dropped",
		"waits for a peer's block",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	_, dropped := v.pool.choose(mustView(t, v.bc), pooled)
	if len(dropped) != 3 || dropped[0].Tx != rival || dropped[1].Tx != child || dropped[2].Tx != grandchild {
		t.Errorf("%d are dropped by the miner, want the three", len(dropped))
	}
}

// mustView returns the coins of a chain, in memory.
func mustView(t testing.TB, bc *Blockchain) *CoinView {
	t.Helper()
	have := make(map[OutPoint]Coin)
	for c := range coins(t, bc) {
		have[c.OutPoint] = c
	}
	return NewCoinView(func(o OutPoint) (Coin, bool) {
		c, ok := have[o]
		return c, ok
	})
}

// Ctrl-C ends `mine` between two blocks.
func TestMineIsInterrupted(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.startChain()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := 0
	stdout := writerFunc(func(b []byte) (int, error) {
		if lines++; lines == 2 {
			cancel()
		}
		return len(b), nil
	})

	var stderr bytes.Buffer
	if code := run(ctx, []string{"mine", "1000", "-rpc", n.RPCAddr()}, stdout, &stderr); code != 1 || lines != 2 {
		t.Errorf("exit code %d after %d blocks, want 1 after 2", code, lines)
	}
	if got, want := stderr.String(), "stopped: the node may still do what you asked\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Each error is one sentence, with what to type next.
func TestStatusErrors(t *testing.T) {
	poor := startNode(t, NodeConfig{})
	add(t, poor.chain, mine(t, nil, testWallet(t, 0), 0))
	const form = "is not a name: give 1 to 20 letters, digits, - or _, a letter first: see `go run . "
	tests := []struct {
		command string
		want    string
	}{
		{"status now", "status: \"now\" is one argument too many: see `go run . status -h`"},
		{"wallet alice", "wallet: \"alice\" is one argument too many: see `go run . wallet -h`"},
		{"wallet -all", "wallet: flag provided but not defined: -all: see `go run . wallet -h`"},
		{"pool full", "pool: \"full\" is one argument too many: see `go run . pool -h`"},
		{"peers all", "peers: \"all\" is one argument too many: see `go run . peers -h`"},
		{"createwallet alice", "createwallet: \"alice\" is one argument too many: see `go run . createwallet -h`"},
		{"createwallet -name", "createwallet: flag needs an argument: -name: see `go run . createwallet -h`"},
		{"createwallet -name 1x", `createwallet: invalid value "1x" for flag -name: "1x" ` + form + "createwallet -h`"},
		{"genesis_block -name a.b", `genesis_block: invalid value "a.b" for flag -name: "a.b" ` + form + "genesis_block -h`"},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			code, stdout, stderr := poor.try(strings.Fields(tt.command)...)
			if code != 2 || stderr != tt.want+"\n" || stdout != "" {
				t.Errorf("exit code %d, want 2\ngot  %q\nwant %q\nstdout %q", code, stderr, tt.want+"\n", stdout)
			}
		})
	}
	if wallets := len(poor.wallets.Addresses()); wallets != 0 || poor.chain.tip().height != 0 {
		t.Errorf("%d wallets, height %d: something was done", wallets, poor.chain.tip().height)
	}
}

// What was dropped is remembered, with the reason, wherever it was dropped, until
// a block has it after all.
func TestDropsAreRemembered(t *testing.T) {
	reasonOf := func(t *testing.T, p *TxPool, tx *Transaction) string {
		t.Helper()
		d, ok := p.droppedTx(tx.TxID[:6])
		if !ok || d.Tx.TxID != tx.TxID {
			t.Fatalf("%s is not remembered", tx.TxID)
		}
		return d.Err.Error()
	}

	t.Run("a block spends its coin, and a longer branch has it", func(t *testing.T) {
		v := newVictim(t)
		tx := v.payment(t)
		if err := v.pool.Add(t.Context(), tx, false); err != nil {
			t.Fatal(err)
		}
		rival := pay(t, v.alice, v.bob.Address(), 1, v.coins[1])
		theirs := mine(t, v.tip, v.bob, 9, rival)
		add(t, v.bc, theirs)
		if got := reasonOf(t, v.pool, tx); !strings.Contains(got, rival.TxID) {
			t.Errorf("reason is %q, want one that names %s", got, rival.TxID)
		}

		branch := mine(t, v.tip, v.alice, 10, tx)
		add(t, v.bc, branch, mine(t, branch, v.alice, 10))
		if d, ok := v.pool.droppedTx(tx.TxID); ok {
			t.Errorf("a block has it, and yet it is remembered: %v", d.Err)
		}
		if reasonOf(t, v.pool, rival); v.pool.Has(rival.TxID) { // its block has left the chain
			t.Error("the rival is still pooled")
		}
	})

	t.Run("an own payment that cannot be made after a restart", func(t *testing.T) {
		v := newVictim(t)
		tx := v.payment(t)
		if err := v.bc.savePayment(tx.TxID, tx.AppendJSON(nil)); err != nil {
			t.Fatal(err)
		}
		add(t, v.bc, mine(t, v.tip, v.bob, 9, pay(t, v.alice, v.bob.Address(), 1, v.coins[1])))
		if err := v.pool.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		reasonOf(t, v.pool, tx)
	})

	t.Run("what comes back to a full pool", func(t *testing.T) {
		v := newVictim(t)
		waiting := v.pool.Transactions()[0]
		theirs := mine(t, v.tip, v.bob, 9, v.payment(t))
		add(t, v.bc, theirs)
		last := pay(t, v.alice, v.bob.Address(), 3, v.coins[3])
		if err := v.pool.Add(t.Context(), last, false); err != nil {
			t.Fatal(err)
		}
		v.pool.mu.Lock()
		for i := range maxPoolTxs {
			junk := *waiting
			junk.TxID = sha256Hex(fmt.Append(nil, i))
			v.pool.txs = slices.Insert(v.pool.txs, len(v.pool.txs)-1, &junk)
		}
		v.pool.mu.Unlock()

		add(t, v.bc, mineChain(t, v.tip, v.alice, 10, 2)...)
		if got := reasonOf(t, v.pool, last); got != ErrPoolFull.Error() {
			t.Errorf("reason is %q, want %q", got, ErrPoolFull)
		}
		if got := v.pool.Len(); got != maxPoolTxs {
			t.Errorf("%d are pooled, want %d", got, maxPoolTxs)
		}
	})
}

// What a block has after all is no longer remembered, and what is left adds up.
func TestConfirmedDropsAreForgotten(t *testing.T) {
	p := newPool(t, newChain(t))
	confirmed := make(map[string]bool)
	var kept int
	for n := range 10 {
		tx := &Transaction{TxID: sha256Hex(fmt.Append(nil, n)), encoded: make([]byte, 100+n)}
		p.remember(Drop{tx, ErrSpent})
		p.remember(Drop{tx, ErrPoolFull})
		confirmed[tx.TxID] = n%3 > 0
		if n%3 == 0 {
			kept += 2 * (100 + n)
		}
	}

	p.unremember(confirmed)
	for txid, isConfirmed := range confirmed {
		if _, found := p.droppedTx(txid); found == isConfirmed {
			t.Errorf("%s is found: %t, confirmed: %t", txid, found, isConfirmed)
		}
	}
	if p.dropBytes != kept || len(p.drops) != 8 || p.isIdle() {
		t.Errorf("%d bytes in %d, want %d in 8", p.dropBytes, len(p.drops), kept)
	}

	for txid := range confirmed {
		confirmed[txid] = true
	}
	p.unremember(confirmed)
	if p.dropBytes != 0 || len(p.drops) != 0 || !p.isIdle() {
		t.Errorf("%d bytes in %d are left", p.dropBytes, len(p.drops))
	}
}

// Very many wallets, with very many coins, are listed in a moment: a page asks
// again and again.
func BenchmarkWallets(b *testing.B) {
	bc := openChain(b, filepath.Join(b.TempDir(), "chain.db"))
	empties(b, bc, 100_000)
	p := newPool(b, bc, testWallet(b, 0))
	for range 5000 {
		p.wallets.list = append(p.wallets.list, must(NewWallet())(b))
	}
	i := inspector{&Node{chain: bc, wallets: p.wallets, pool: p}}

	for b.Loop() {
		wallets, err := i.Wallets()
		if err != nil || len(wallets) != 5001 || wallets[0].Confirmed < 100_000*Subsidy {
			b.Fatalf("%d wallets, %v", len(wallets), err)
		}
	}
}
