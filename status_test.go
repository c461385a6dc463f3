package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// decode runs a command with -json and reads what it prints, one line that has
// nothing beside the facts of their type.
func decode[T any](n *testNode, command string) (facts T) {
	n.t.Helper()
	code, stdout, stderr := n.try(append(strings.Fields(command), "-json")...)
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&facts); code != 0 || stderr != "" || strings.Count(stdout, "\n") != 1 || err != nil {
		n.t.Errorf("%s: exit code %d, %q, %q, %v", command, code, stdout, stderr, err)
	}
	return facts
}

// A list of nothing is a list, for scripts that go through it.
func TestEmptyLists(t *testing.T) {
	n := startNode(t, NodeConfig{})
	for _, command := range []string{"wallet", "pool", "peers"} {
		if got := n.do(command, "-json"); got != "[]\n" {
			t.Errorf("%s -json: got %q, want []", command, got)
		}
		if code, stdout, stderr := n.try(command); code != 0 || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, %q, want a hint", command, code, stdout, stderr)
		}
	}

	want := "none yet: make one with `go run . createwallet -name alice -rpc " + n.RPCAddr() + "`\n"
	if _, _, stderr := n.try("wallet"); stderr != want {
		t.Errorf("wallet: got %q, want %q", stderr, want)
	}
	want = "no chain yet: start one with `go run . genesis_block -rpc " + n.RPCAddr() + "`\n"
	if _, stdout, stderr := n.try("status"); stderr != want || !strings.HasPrefix(stdout, "  height       no chain\n  peers        0, of which 0 in step\n") {
		t.Errorf("status: got %q, %q, want %q", stdout, stderr, want)
	}
}

// How the node stands: status, wallet, pool and peers say the same as the node
// itself, in words and as JSON.
func TestStatus(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{View: "127.0.0.1:0"})
	alice := a.address("genesis_block", "-name", "alice")
	bob := a.address("createwallet", "-name", "bob")
	nobody := a.createWallet()
	a.do("mine")
	b := join(t, NodeConfig{}, a)
	b.awaitTip(a)
	a.await("peer in step", func() bool { return decode[view.Status](a, "status").InStep == 1 })
	a.send("alice", "bob", 10)

	got := decode[view.Status](a, "status")
	tip := tipOf(t, a.chain)
	want := view.Status{
		Height: 1, Tip: tip.Header.Hash, Genesis: tip.Header.PrevBlockHash, Peers: 1, InStep: 1, Pool: 1, PoolSize: 2,
		Wallets: 3, Coins: 2000, ID: a.discovery.Self().ID.String(), Listen: a.Addr().String(), RPC: a.RPCAddr(),
		Page: a.pageURL(), Data: a.config.Data, Flags: " -rpc " + a.RPCAddr(), Second: got.Second, Start: got.Start,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("status: got %+v, want %+v", got, want)
	}
	text := a.do("status")
	for _, fact := range []string{
		"  height       1\n", "  tip          " + tip.Header.Hash + "\n", "  peers        1, of which 1 in step\n",
		"  pool         1 of 2: a block is mined when it is full\n", "  wallets      3, with 2000 coins\n", "  page         " + a.pageURL() + "\n",
	} {
		if !strings.Contains(text, fact) {
			t.Errorf("status is %q, want %q in it", text, fact)
		}
	}
	if got := decode[view.Status](b, "status"); got.Page != "" || got.Height != 1 || got.Bootstrap[0] != a.Addr().String() {
		t.Errorf("status of the other: got %+v", got)
	}

	wallets := decode[[]view.Wallet](a, "wallet")
	wantWallets := []view.Wallet{
		{Address: alice, Name: "alice", Confirmed: 2000, Waiting: -10, Total: 1990},
		{Address: bob, Name: "bob", Waiting: 10, Total: 10},
		{Address: nobody},
	}
	if !reflect.DeepEqual(wallets, wantWallets) {
		t.Errorf("wallets are %+v, want %+v", wallets, wantWallets)
	}
	table := fmt.Sprintf("%-5s %-34s %9s %7s %7s\n", "name", "address", "confirmed", "waiting", "total")
	for _, w := range wallets {
		table += fmt.Sprintf("%-5s %-34s %9d %7s %7d\n", w.Name, w.Address, w.Confirmed, signed(w.Waiting), w.Total)
	}
	if got := a.do("wallet"); got != table {
		t.Errorf("wallet: got\n%swant\n%s", got, table)
	}

	payment := a.pool.Transactions()[0]
	b.awaitPooled(payment.TxID)
	for n, own := range map[*testNode]bool{a: true, b: false} {
		txs := decode[[]view.PoolTx](n, "pool")
		if len(txs) != 1 || txs[0].TxID != payment.TxID || txs[0].Own != own || txs[0].Waits != "waits for 1 more in the pool" ||
			txs[0].Inputs[0].Owner != alice || txs[0].Outputs[0].Value != 10 || !txs[0].Outputs[1].Change {
			t.Errorf("pool is %+v", txs)
		}
		line := fmt.Sprintf("%s  from %s  to %s  amount 10  waits for 1 more in the pool\n", payment.TxID, alice, bob)
		if got := n.do("pool"); got != line {
			t.Errorf("pool: got %q, want %q", got, line)
		}
	}

	peers := decode[[]view.Peer](a, "peers")
	if len(peers) != 1 || peers[0].Addr != b.Addr().String() || peers[0].ID != b.discovery.Self().ID.String() || !peers[0].InStep || peers[0].Height != 1 {
		t.Errorf("peers are %+v", peers)
	}
	if got, want := a.do("peers"), fmt.Sprintf("%s  %s  height 1  in step\n", b.Addr(), b.discovery.Self().ID); got != want {
		t.Errorf("peers: got %q, want %q", got, want)
	}

	routes := must((inspector{a.Node}).Table())(t)
	if len(routes.Contacts) != 1 || routes.Contacts[0].Addr != b.Addr().String() || routes.ID != want.ID || routes.K != 20 {
		t.Errorf("table is %+v", routes)
	}
}
