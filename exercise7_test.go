//go:build exercise

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
)

// The exercises of docs/07-network.md.

// s.Store(ctx, key, value) keeps a value at the nodes nearest to its key, and
// s.FindValue(ctx, key) finds it from any node.
func TestExercise7Store(t *testing.T) {
	type valueStore interface {
		Store(ctx context.Context, key string, value []byte) error
		FindValue(ctx context.Context, key string) ([]byte, error)
	}
	var servers []*kademlia.Server
	for range 5 {
		s, err := kademlia.Listen(netip.MustParseAddrPort("127.0.0.1:0"), kademlia.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if len(servers) > 0 {
			if err := s.Bootstrap(t.Context(), servers[0].Self().Addr); err != nil {
				t.Fatal(err)
			}
		}
		servers = append(servers, s)
	}
	first, ok := any(servers[0]).(valueStore)
	if !ok {
		t.Fatal("a kademlia.Server has no methods Store and FindValue yet")
	}
	value := []byte("from one node to another")
	if err := first.Store(t.Context(), "greeting", value); err != nil {
		t.Fatal(err)
	}
	for i, s := range servers[1:] {
		got, err := any(s).(valueStore).FindValue(t.Context(), "greeting")
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("node %d: got %q, %v, want %q", i+1, got, err, value)
		}
	}
	if got, err := first.FindValue(t.Context(), "nothing"); err == nil {
		t.Errorf("a key that nobody stored: got %q, want an error", got)
	}
}

// request sends one message to a node, and returns the data of the reply.
func request(t *testing.T, n *testNode, code int, data string) json.RawMessage {
	t.Helper()
	conn, err := net.Dial("tcp", n.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, `{"code": %d, "data": %s}`, code, data)
	var reply struct {
		Code int
		Data json.RawMessage
	}
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	if reply.Code != code {
		t.Fatalf("reply has code %d, want %d", reply.Code, code)
	}
	return reply.Data
}

// A request with code 4 asks for the txids of the pool: Bitcoin's mempool.
func TestExercise7Mempool(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 9})
	alice := n.address("genesis_block")
	for amount := 1; amount <= 3; amount++ {
		n.do("send", "--from", alice, "--to", alice, "--amount", fmt.Sprint(amount))
	}
	var got []string
	if err := json.Unmarshal(request(t, n, 4, `""`), &got); err != nil {
		t.Fatal(err)
	}
	want := n.pool.Transactions()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %d txids", got, len(want))
	}
	for i, tx := range want {
		if got[i] != tx.TxID {
			t.Errorf("txid %d: got %s, want %s", i, got[i], tx.TxID)
		}
	}
}

// `go run . peers` ends each line in how long the last answer took.
func TestExercise7RoundTrip(t *testing.T) {
	a := startNode(t, NodeConfig{})
	b := join(t, NodeConfig{}, a)
	a.address("genesis_block")
	b.awaitTip(a)
	pattern := regexp.MustCompile(`rtt \d+(\.\d+)?(µs|ms|s)\n$`)
	for _, n := range []*testNode{a, b} {
		n.await("peer", func() bool { return len(n.peers.Peers()) == 1 && n.peers.Peers()[0].State == "in step" })
		if got := n.do("peers"); !pattern.MatchString(got) {
			t.Errorf("got %q, want it to match %s", got, pattern)
		}
	}
}
