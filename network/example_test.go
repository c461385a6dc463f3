package network_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"gosimpleblockchain/network"
)

func ExampleMsg_Append() {
	ask := network.Msg{Code: network.GetBlockMsg, Data: json.RawMessage("1")}
	fmt.Printf("%s\n", ask.Append(nil))
	fmt.Printf("%s\n", network.Msg{Code: network.NoneMsg}.Append(nil))
	// Output:
	// {"code": 2, "data": 1}
	// {"code": 0, "data": ""}
}

func ExampleMsg_UnmarshalJSON() {
	for _, text := range []string{
		`{"code": 2, "data": 1}`,
		`{"code": "2", "data": 1}`,
		`{"code": 2, "data": null}`,
	} {
		var m network.Msg
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("code %d, data %s\n", m.Code, m.Data)
	}
	// Output:
	// code 2, data 1
	// not a message: no code
	// not a message: no data
}

// blocks is a ledger of two blocks, without rules.
type blocks struct {
	mu    sync.Mutex // guards chain
	chain []json.RawMessage
	added chan int // heights
}

func (b *blocks) Status() (network.Status, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.chain) == 0 {
		return network.Status{Height: -1}, nil
	}
	return network.Status{Height: len(b.chain) - 1, Genesis: b.chain[0], GenesisHash: testHash(0)}, nil
}

func (b *blocks) Hash(height int) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if height >= len(b.chain) {
		return "", errors.New("no such block")
	}
	return testHash(height), nil
}

func (b *blocks) Block(height int) (json.RawMessage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if height >= len(b.chain) {
		return nil, errors.New("no such block")
	}
	return b.chain[height], nil
}

func (b *blocks) AddBlocks(_ context.Context, blocks []json.RawMessage) error {
	b.mu.Lock()
	b.chain = append(b.chain, blocks...)
	height := len(b.chain) - 1
	b.mu.Unlock()
	b.added <- height
	return nil
}

func (b *blocks) Waiting() []json.RawMessage { return nil }

func (b *blocks) AddTransactions(context.Context, []json.RawMessage) ([]json.RawMessage, error) {
	return nil, errors.New("no pool")
}

// testHash is the hash that the block at height claims.
func testHash(height int) string { return fmt.Sprintf("%064x", 0xa+height) }

func testBlock(height int) json.RawMessage {
	prev := ""
	if height > 0 {
		prev = testHash(height - 1)
	}
	return fmt.Appendf(nil, `{"block_header": {"height": %d, "prev_block_hash": "%s", "hash": "%s"}}`, height, prev, testHash(height))
}

// everyone is a discovery that knows the same peers for ever.
type everyone []netip.AddrPort

func (e everyone) Peers() []netip.AddrPort { return e }
func (e everyone) Meet(netip.AddrPort)     {}

// What the bytes on the wire are: a request on a plain connection, and the
// reply.
func ExampleTCPServer() {
	server := &network.TCPServer{
		Ledger: &blocks{chain: []json.RawMessage{testBlock(0)}},
		Log:    slog.New(slog.DiscardHandler),
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, ln) }()

	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(conn, `{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`)
	fmt.Fprint(conn, `{"code": 2, "data": 7}`)
	conn.(*net.TCPConn).CloseWrite()
	replies, err := io.ReadAll(conn)
	fmt.Printf("%s %v\n", replies, err)

	cancel()
	fmt.Println(<-done)
	// Output:
	// {"code": 1, "data": {"last_height": 0, "genesis_block": {"block_header": {"height": 0, "prev_block_hash": "", "hash": "000000000000000000000000000000000000000000000000000000000000000a"}}}}{"code": 0, "data": ""} <nil>
	// <nil>
}

// Two nodes, of which the second starts with nothing and knows the first.
func ExamplePeerServer() {
	first := &blocks{chain: []json.RawMessage{testBlock(0), testBlock(1)}}
	second := &blocks{added: make(chan int, 1)}

	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	start := func(l network.Ledger, peers ...netip.AddrPort) netip.AddrPort {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Println(err)
			return netip.AddrPort{}
		}
		node := &network.PeerServer{Ledger: l, Discovery: everyone(peers), Log: slog.New(slog.DiscardHandler)}
		wg.Go(func() { fmt.Println("ended:", node.Run(ctx, ln)) })
		return ln.Addr().(*net.TCPAddr).AddrPort()
	}
	addr := start(first)
	start(second, addr)
	fmt.Println("synced to height", <-second.added)
	cancel()
	wg.Wait()
	// Output:
	// synced to height 1
	// ended: <nil>
	// ended: <nil>
}
