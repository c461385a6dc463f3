package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gosimpleblockchain/kademlia"
)

// A routing table sorts four nodes; then two nodes run, and a payment goes
// from a command of one into a block of the other.
func Example_chapter7() {
	if err := routingTable(); err != nil {
		fmt.Println(err)
	}
	if err := twoNodes(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// node E 3cdb2ac9…
	// node A 54bbde0d…  XOR 6860f4c4…  bucket 1
	// node B bed2c1d4…  XOR 8209eb1d…  bucket 0
	// node C b46971ef…  XOR 88b25b26…  bucket 0
	// node D edf516bf…  XOR d12e3c76…  bucket 0
	// nearest first: A B C D
	//
	// A$ genesis_block
	// Genesis Wallet is: ALICE
	// it has the first coins: see `go run . balance ALICE`
	//    B logs "blocks synced"
	// B$ balance ALICE
	// ALICE balance is 1000
	// B$ createwallet
	// Wallet address is BOB
	// A$ send --from ALICE --to BOB --amount 100
	// send 100 from ALICE to BOB
	// pool 1 of 2: a block is mined when it is full; see `go run . tx TXID`
	//    B logs "transaction pooled"
	// A$ send --from ALICE --to BOB --amount 100
	// send 100 from ALICE to BOB
	// pool 2 of 2: mined block 1; two equal payments are one transaction, made once; see `go run . tx TXID`
	//    B logs "blocks synced"
	// B$ balance ALICE
	// ALICE balance is 1900
	// B$ balance BOB
	// BOB balance is 100
}

// Two datagrams of kademlia/testdata/vectors.json, which nodes of the Python
// program exchanged: a new node, E, asks A for the nodes nearest to itself.
func Example_chapter7_datagrams() {
	if err := datagrams(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 127.0.0.1:18472 to 127.0.0.1:18468, 77 bytes
	//   00                                                                           request
	//   b2f5a9ff8104985fadd7bb841b62d199d0745bd1                                     message ID
	//   92 a966696e645f6e6f6465                                                      array of 2: a text, the name
	//   92 c4143cdb2ac932b441d4320729b0c5382ba8f3c75a00                              and an array of 2: the ID of E
	//   c4143cdb2ac932b441d4320729b0c5382ba8f3c75a00                                 and the target, E itself
	// 127.0.0.1:18468 to 127.0.0.1:18472, 127 bytes
	//   01                                                                           response
	//   b2f5a9ff8104985fadd7bb841b62d199d0745bd1                                     to this message
	//   93                                                                           array of 3:
	//   93 c414bed2c1d4dab4dd641ab6eb4b52b6e167d7507416 a93132372e302e302e31 50      node B, port 80
	//   93 c414b46971efc2cc2811efdada8e8f7e5821bcf7fc5f a93132372e302e302e31 ccc8    node C, port 200
	//   93 c414edf516bf92a07be83c43051bd6b404a30d907215 a93132372e302e302e31 cd4827  node D, port 18471
}

func datagrams() error {
	raw, err := os.ReadFile("kademlia/testdata/vectors.json")
	if err != nil {
		return err
	}
	var file struct {
		Vectors []struct{ Name, Src, Dst, Hex string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	type part struct {
		means   string
		lengths []int // in bytes
	}
	parts := map[string][]part{
		"find_node_request_3": {{"request", []int{1}}, {"message ID", []int{20}}, {"array of 2: a text, the name", []int{1, 10}},
			{"and an array of 2: the ID of E", []int{1, 22}}, {"and the target, E itself", []int{22}}},
		"find_node_response_3_neighbours": {{"response", []int{1}}, {"to this message", []int{20}}, {"array of 3:", []int{1}},
			{"node B, port 80", []int{1, 22, 10, 1}}, {"node C, port 200", []int{1, 22, 10, 2}}, {"node D, port 18471", []int{1, 22, 10, 3}}},
	}
	for _, v := range file.Vectors {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			return err
		}
		if parts[v.Name] == nil {
			continue
		}
		fmt.Printf("%s to %s, %d bytes\n", v.Src, v.Dst, len(b))
		for _, p := range parts[v.Name] {
			var row []string
			for _, n := range p.lengths {
				row = append(row, hex.EncodeToString(b[:n]))
				b = b[n:]
			}
			fmt.Printf("  %-75s  %s\n", strings.Join(row, " "), p.means)
		}
	}
	return nil
}

// routingTable fills the table of node E of kademlia/testdata/vectors.json.
func routingTable() error {
	id := func(s string) (id kademlia.ID, err error) {
		_, err = hex.Decode(id[:], []byte(s))
		return id, err
	}
	self, err := id("3cdb2ac932b441d4320729b0c5382ba8f3c75a00")
	if err != nil {
		return err
	}
	fmt.Printf("node E %.4x…\n", self[:])
	table := kademlia.NewTable(self, 20)
	for i, s := range []string{
		"54bbde0d83dc401e6a9aebce5d38a6f0312dcafe", "bed2c1d4dab4dd641ab6eb4b52b6e167d7507416",
		"b46971efc2cc2811efdada8e8f7e5821bcf7fc5f", "edf516bf92a07be83c43051bd6b404a30d907215",
	} {
		n := kademlia.Node{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(1+i))}
		if n.ID, err = id(s); err != nil {
			return err
		}
		distance := self.Distance(n.ID)
		fmt.Printf("node %c %.4x…  XOR %.4x…  bucket %d\n", 'A'+i, n.ID[:], distance[:], self.CommonPrefix(n.ID))
		table.RecordAnswer(n, time.Unix(1_700_000_000, 0))
	}
	fmt.Print("nearest first:")
	for _, n := range table.Closest(self, 20) {
		fmt.Printf(" %c", 'A'+n.Addr.Port()-1)
	}
	fmt.Print("\n\n")
	return nil
}

// twoNodes plays the article's test section.
func twoNodes() error {
	p := &play{nodes: make(map[string]*actor), real: make(map[string]string)}
	defer p.end()
	if err := p.start("A"); err != nil {
		return err
	}
	if err := p.start("B", p.nodes["A"].Addr().String()); err != nil {
		return err
	}
	for _, a := range p.nodes { // a payment is handed to the peers of the moment
		if err := a.await("peer connected", 0); err != nil {
			return err
		}
	}
	for _, c := range []struct{ node, line, until string }{
		{"A", "genesis_block", "B blocks synced"},
		{"B", "balance ALICE", ""},
		{"B", "createwallet", ""},
		{"A", "send --from ALICE --to BOB --amount 100", "B transaction pooled"},
		{"A", "send --from ALICE --to BOB --amount 100", "B blocks synced"},
		{"B", "balance ALICE", ""},
		{"B", "balance BOB", ""},
	} {
		if err := p.do(c.node, c.line, c.until); err != nil {
			return err
		}
	}
	return nil
}

// A play runs nodes, and prints what they are told and what they print, with
// names in place of addresses: the first address is ALICE, the second BOB.
type play struct {
	nodes map[string]*actor
	real  map[string]string // address by name
}

// An actor is a node under way.
type actor struct {
	*Node
	logs *logCounter
	stop func()
}

func (p *play) start(name string, seeds ...string) error {
	dir, err := os.MkdirTemp("", "play-")
	if err != nil {
		return err
	}
	a := &actor{logs: &logCounter{counts: make(map[string]int), more: make(chan struct{})}}
	a.Node, err = OpenNode(context.Background(), NodeConfig{
		Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Bootstrap: seeds, Data: filepath.Join(dir, name),
		PoolSize: 2, Heartbeat: testHeartbeat,
	}, slog.New(a.logs))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- a.Run(ctx) }()
	a.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			fmt.Println(err)
		}
		os.RemoveAll(dir)
	}
	p.nodes[name] = a
	return nil
}

func (p *play) end() {
	for _, a := range p.nodes {
		a.stop()
	}
}

// do runs a command on a node, and waits for a line in the log of a node.
func (p *play) do(name, line, until string) error {
	watched, message, _ := strings.Cut(until, " ")
	before := 0
	if until != "" {
		before = p.nodes[watched].logs.count(message)
	}
	words := strings.Fields(line)
	for i := range words {
		if address, ok := p.real[words[i]]; ok {
			words[i] = address
		}
	}
	rpcFlag := []string{"-rpc", p.nodes[name].RPCAddr()}
	var out bytes.Buffer
	if code := run(context.Background(), append(words, rpcFlag...), &out, &out); code != 0 {
		return fmt.Errorf("%s: exit code %d: %s", line, code, out.String())
	}
	text := strings.ReplaceAll(out.String(), " "+strings.Join(rpcFlag, " "), "")
	text = addressPattern.ReplaceAllStringFunc(text, p.nameOf)
	text = shownTxID.ReplaceAllString(text, "tx TXID")
	fmt.Printf("%s$ %s\n%s", name, line, text)
	if until == "" {
		return nil
	}
	if err := p.nodes[watched].await(message, before); err != nil {
		return fmt.Errorf("%s: %w", watched, err)
	}
	fmt.Printf("   %s logs %q\n", watched, message)
	return nil
}

var shownTxID = regexp.MustCompile(`tx [0-9a-f]{8}`)

// nameOf returns the name of an address, or gives it one.
func (p *play) nameOf(address string) string {
	for name, known := range p.real {
		if known == address {
			return name
		}
	}
	name := []string{"ALICE", "BOB", "CAROL"}[len(p.real)]
	p.real[name] = address
	return name
}

// await waits until a message was logged more than before times.
func (a *actor) await(message string, before int) error {
	limit := time.After(time.Minute)
	for {
		more := a.logs.next()
		if a.logs.count(message) > before {
			return nil
		}
		select {
		case <-more:
		case <-limit:
			return fmt.Errorf("no %q", message)
		}
	}
}
