//go:build exercise

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
)

// The exercises of docs/07-network.md.

// s.Stun(ctx, addr) asks the node at addr which address it sees us at. All
// nodes answer that, and none asks yet.
func TestExercise7Stun(t *testing.T) {
	var servers []*kademlia.Server
	for range 3 {
		s, err := kademlia.Listen(netip.MustParseAddrPort("127.0.0.1:0"), kademlia.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		servers = append(servers, s)
	}
	asker, ok := any(servers[0]).(interface {
		Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error)
	})
	if !ok {
		t.Fatal("a *kademlia.Server has no method Stun(context.Context, netip.AddrPort) (netip.AddrPort, error) yet")
	}
	gone := servers[2].Self().Addr
	if err := servers[2].Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := asker.Stun(t.Context(), servers[1].Self().Addr); err != nil || got != servers[0].Self().Addr {
		t.Errorf("got %v, %v, want %v", got, err, servers[0].Self().Addr)
	}
	if got, err := asker.Stun(t.Context(), gone); !errors.Is(err, kademlia.ErrTimeout) {
		t.Errorf("of nobody: got %v, %v, want ErrTimeout", got, err)
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
