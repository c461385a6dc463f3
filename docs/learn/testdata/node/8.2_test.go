// dir: .

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// learnAsk sends a request to a node, and returns the code and the data of the reply.
func learnAsk(t *testing.T, n *testNode, code int, data string) (int, string) {
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
	return reply.Code, string(reply.Data)
}

// locate asks where two chains part.
func locate(t *testing.T, n *testNode, what string, want int, hashes ...string) {
	t.Helper()
	data, err := json.Marshal(append([]string{}, hashes...))
	if err != nil {
		t.Fatal(err)
	}
	if code, got := learnAsk(t, n, 6, string(data)); code != 6 || got != fmt.Sprint(want) {
		t.Errorf("%s: the reply has code %d and data %.100s, want code 6 and %d", what, code, got, want)
	}
}

func TestHole8_2(t *testing.T) {
	n := startNode(t, NodeConfig{})
	unknown := sha256Hex(nil)
	locate(t, n, "the node has no chain yet", -1, unknown)
	locate(t, n, "the node has no chain yet, and the list is empty", -1)

	n.address("genesis_block")
	genesis := tipOf(t, n.chain)
	aside := mine(t, genesis, testWallet(t, 0), 0) // stays beside the chain: the next block is first
	n.do("mine", "9")
	add(t, n.chain, aside)
	h := func(height int) string { return must(n.chain.BlockAt(height))(t).Header.Hash }

	locate(t, n, "the same chain", 9, h(9), h(8), h(6), h(2), h(0))
	locate(t, n, "the peer is ahead", 9, unknown, h(9), h(8), h(0))
	locate(t, n, "the peer is on a branch that leaves above block 5", 5, unknown, sha256Hex([]byte("x")), h(5), h(1), h(0))
	locate(t, n, "a block beside the chain doesn't count", 0, unknown, aside.Header.Hash, h(0))
	locate(t, n, "a block beside the chain, and nothing else", -1, aside.Header.Hash)
	locate(t, n, "the first of the list counts, not the highest", 1, h(1), h(2), h(9))
	locate(t, n, "one block", 7, h(7))
	locate(t, n, "block 0", 0, h(0))
	locate(t, n, "another chain", -1, unknown)
	locate(t, n, "nothing", -1)
	locate(t, n, "no hash at all", -1, "", "none", h(3)[:10], strings.ToUpper(h(3)), h(3)+"00", strings.Repeat("7", 9000))
	locate(t, n, "no hash, and then one", 3, "", h(3))
}

// A list is bounded, and what is no list gets no answer. The node lives on.
func TestHole8_2Bounds(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.address("genesis_block")
	genesis := tipOf(t, n.chain).Header.Hash
	hashes := make([]string, 0, 102)
	for i := range 100 {
		hashes = append(hashes, sha256Hex([]byte{byte(i)}))
	}
	locate(t, n, "101 hashes, of which the last is block 0", 0, append(hashes, genesis)...)

	tooLong, err := json.Marshal(append(hashes, genesis, genesis))
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{string(tooLong), `""`, `{}`, `7`, `-1`, `[1, 2]`, `[["a"]]`, `"` + genesis + `"`} {
		if code, got := learnAsk(t, n, 6, data); code != 0 {
			t.Errorf("the reply to %.60s, %d bytes, has code %d and data %.60s, want code 0", data, len(data), code, got)
		}
	}
	locate(t, n, "after all that", 0, genesis)
	if code, _ := learnAsk(t, n, 2, "0"); code != 2 {
		t.Errorf("get block 0 has a reply with code %d, want 2", code)
	}
}
