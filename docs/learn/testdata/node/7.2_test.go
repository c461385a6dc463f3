// dir: .

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"
)

// learnAsk sends a request to a node, and returns the code and the data of the reply.
func learnAsk(t *testing.T, n *testNode, code int, data string) (int, json.RawMessage) {
	t.Helper()
	conn, err := net.Dial("tcp", n.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, `{"code": %d, "data": %s}`, code, data)
	var reply struct {
		Code int             `json:"code"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		t.Fatalf("no reply to code %d, %.100s: %v", code, data, err)
	}
	return reply.Code, reply.Data
}

// wantPool asks a node for the txids of its pool.
func wantPool(t *testing.T, n *testNode, what string) {
	t.Helper()
	code, data := learnAsk(t, n, 4, `""`)
	if code != 4 {
		t.Fatalf(`%s: the reply to {"code": 4, "data": ""} has code %d, want 4`, what, code)
	}
	var got []string
	if err := json.Unmarshal(data, &got); err != nil || got == nil {
		t.Fatalf("%s: the data of the reply is %.200s, want a list of texts", what, data)
	}

	var want []string
	for _, tx := range n.pool.Transactions() {
		want = append(want, tx.TxID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s: the reply is\n%.8q\nand in the pool wait\n%.8q", what, got, want)
	}
}

// The pool as it is, whatever happens.
func TestHole7_2(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 9})
	wantPool(t, n, "no chain yet")
	alice, bob := n.address("genesis_block"), n.address("createwallet")
	wantPool(t, n, "nothing waits")
	for amount := 1; amount <= 6; amount++ {
		n.do("send", "--from", alice, "--to", bob, "--amount", fmt.Sprint(amount))
		wantPool(t, n, fmt.Sprintf("payment %d waits", amount))
	}
	n.do("mine")
	wantPool(t, n, "all is mined")
	n.do("send", "--from", alice, "--to", bob, "--amount", "7")
	wantPool(t, n, "another one waits")
}

// A payment that came from another node is in the pool like one's own.
func TestHole7_2FromPeers(t *testing.T) {
	a := startNode(t, NodeConfig{PoolSize: 9})
	b := join(t, NodeConfig{PoolSize: 9}, a)
	alice := a.address("genesis_block")
	b.awaitTip(a)
	a.await("peer", func() bool { p := a.peers.Peers(); return len(p) == 1 && p[0].InStep })
	a.do("send", "--from", alice, "--to", alice, "--amount", "5")
	b.awaitPooled(a.pool.Transactions()[0].TxID)
	wantPool(t, b, "the payment was made at another node")
}

// The three requests that were there, and those that weren't.
func TestHole7_2Others(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 9})
	n.address("genesis_block")
	for _, tt := range []struct {
		code int
		data string
		want int
	}{{1, `{"last_height": -1, "genesis_block": ""}`, 1}, {2, "0", 2}, {2, "7", 0}, {3, "[]", 0}, {99, `""`, 0}} {
		if code, _ := learnAsk(t, n, tt.code, tt.data); code != tt.want {
			t.Errorf("the reply to code %d with %s has code %d, want %d", tt.code, tt.data, code, tt.want)
		}
	}
}
