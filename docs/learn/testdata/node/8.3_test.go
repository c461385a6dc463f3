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

// askHeaders asks for headers, which should be those of so many blocks.
func askHeaders(t *testing.T, n *testNode, data string, from, count int) {
	t.Helper()
	code, raw := learnAsk(t, n, 5, data)
	if code != 5 {
		t.Fatalf("the reply to %s has code %d, want 5", data, code)
	}
	var headers []json.RawMessage
	if err := json.Unmarshal([]byte(raw), &headers); err != nil || headers == nil {
		t.Fatalf("the reply to %s has the data %.200s, want a list", data, raw)
	}
	if len(headers) != count {
		t.Fatalf("the reply to %s has %d headers, want %d", data, len(headers), count)
	}
	for i, text := range headers {
		var h BlockHeader
		if err := json.Unmarshal(text, &h); err != nil {
			t.Fatalf("the reply to %s, header %d: %v: %.300s", data, i, err, text)
		}
		if want := must(n.chain.BlockAt(from + i))(t).Header; string(want.AppendJSON(nil)) != string(text) {
			t.Fatalf("the reply to %s, header %d is\n%s\nand that of block %d is\n%s", data, i, text, from+i, want.AppendJSON(nil))
		}
	}
}

func TestHole8_3(t *testing.T) {
	n := startNode(t, NodeConfig{})
	askHeaders(t, n, "[0, 10]", 0, 0)
	n.address("genesis_block")
	n.do("mine", "9")
	for _, tt := range []struct{ from, count, want int }{
		{0, 10, 10}, {0, 1, 1}, {0, 0, 0}, {0, 100, 10}, {2, 3, 3}, {9, 1, 1}, {9, 5, 1}, {10, 1, 0}, {5, 5, 5}, {5, 6, 5}, {1000, 1000, 0},
	} {
		askHeaders(t, n, fmt.Sprintf("[%d, %d]", tt.from, tt.count), tt.from, tt.want)
	}
}

// Whatever is asked for, the node answers, and lives on.
func TestHole8_3Bounds(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.address("genesis_block")
	n.do("mine", "3")
	const most = 1<<31 - 1
	askHeaders(t, n, fmt.Sprintf("[1, %d]", most), 1, 3)
	askHeaders(t, n, fmt.Sprintf("[%d, %d]", most, most), most, 0)
	askHeaders(t, n, fmt.Sprintf("[%d, 1]", most), most, 0)
	for _, data := range []string{"[-1, 3]", "[0, -1]", "[-5, -5]", "[2147483648, 1]", "[0, 99999999999]", "[0.5, 1]", "[0]", "[]", "[0, 1, 2]", "[null, 1]", `["0", "1"]`, "7", `""`, "{}"} {
		if code, got := learnAsk(t, n, 5, data); code != 0 {
			t.Errorf("the reply to %s has code %d and data %.60s, want code 0", data, code, got)
		}
	}
	askHeaders(t, n, "[0, 4]", 0, 4)
	if code, _ := learnAsk(t, n, 2, "0"); code != 2 {
		t.Errorf("get block 0 has a reply with code %d, want 2", code)
	}
}

// No more than 2000 at a time.
func TestHole8_3Many(t *testing.T) {
	n := openNode(t, NodeConfig{})
	n.chain.db.NoSync = true
	n.stop = runNode(t, n.Node)
	var blocks []*Block
	var parent *Block
	for range 2010 {
		parent = mine(t, parent, testWallet(t, 0), 0)
		blocks = append(blocks, parent)
	}
	add(t, n.chain, blocks...)
	askHeaders(t, n, "[0, 2147483647]", 0, 2000)
	askHeaders(t, n, "[5, 2001]", 5, 2000)
	askHeaders(t, n, "[5, 1999]", 5, 1999)
	askHeaders(t, n, "[2000, 2000]", 2000, 10)
}
