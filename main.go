// Gosimpleblockchain is a small Bitcoin, made to be read: proof of work,
// transactions over unspent outputs, wallets, a chain on disk, and a network
// of nodes that find each other and agree.
//
// One program is both the node and its command line. Start a node with
//
//	go run . start
//
// and give it commands from another terminal; go run . -h lists them.
//
// The files are the chapters of a tutorial, in this order: block.go,
// blockchain.go, transaction.go, wallet.go, utxo_set.go, txpool.go, and for
// the network kademlia, network and rpc. Cli.go puts them together.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
	"gosimpleblockchain/rpc"
)

func main() {
	debug.SetMemoryLimit(memoryGoal)
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const memoryGoal = 96 << 20 // bytes, from which on garbage is collected sooner: hostile peers make much

// A NodeConfig says where a node listens and what it keeps.
type NodeConfig struct {
	Listen       string   // HOST:PORT for other nodes, UDP and TCP alike
	RPC          string   // HOST:PORT for commands, on a loopback address
	Bootstrap    []string // HOST:PORT of nodes to join
	Data         string   // directory
	PoolSize     int      // transactions
	SpendPending bool     // whether send may spend unconfirmed change
	Verbose      bool
	Heartbeat    time.Duration // between two handshakes with a peer; 0: 5 s
}

// A Node is a running whole: the chain and its pool, discovery, peers, and the
// port for commands.
type Node struct {
	config    NodeConfig
	log       *slog.Logger
	chain     *Blockchain
	wallets   *Wallets
	pool      *TxPool
	discovery *kademlia.Server
	peers     *network.PeerServer
	listener  net.Listener // for peers, at Addr
	commands  net.Listener // for the command line
}

// ledger is the chain and the pool as package network wants them.
type ledger struct {
	*Blockchain
	*TxPool
}

// OpenNode opens everything that a node needs, or nothing.
func OpenNode(config NodeConfig, log *slog.Logger) (*Node, error) {
	n := &Node{config: config, log: log}
	if err := n.open(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *Node) open() (err error) {
	config := n.config
	if config.PoolSize < 1 || config.PoolSize > poolMax { // or it would never be full
		return fmt.Errorf("pool size is %d: give 1 to %d", config.PoolSize, poolMax)
	}
	if n.commands, err = rpc.Listen(config.RPC); err != nil {
		return fmt.Errorf("command port: %w%s", err, n.advice(err))
	}
	if err = os.MkdirAll(config.Data, 0o700); err != nil {
		return err
	}
	if n.chain, err = OpenBlockchain(filepath.Join(config.Data, "chain.db"), n.log); err != nil {
		return fmt.Errorf("%w%s", err, n.advice(err))
	}
	if n.wallets, err = OpenWallets(filepath.Join(config.Data, "wallet.dat")); err != nil {
		return err
	}
	if err = n.listen(); err != nil {
		return fmt.Errorf("%w%s", err, n.advice(err))
	}
	heartbeat := cmp.Or(config.Heartbeat, 5*time.Second)
	n.pool = NewTxPool(n.chain, n.wallets, config.PoolSize, heartbeat, config.SpendPending, n.log)
	n.peers = &network.PeerServer{Ledger: ledger{n.chain, n.pool}, Discovery: n.discovery, Log: n.log, Heartbeat: heartbeat}
	n.chain.onChange = func(c Change) {
		n.pool.Update(c)
		n.peers.Announce()
	}
	return nil
}

// listen opens TCP and UDP at one port. If the system chooses the port, the
// one that it gives for TCP may be taken for UDP: then it chooses again.
func (n *Node) listen() error {
	id, err := n.chain.nodeID()
	if err != nil {
		return err
	}
	for range 10 {
		if n.listener, err = net.Listen("tcp", n.config.Listen); err != nil {
			return err
		}
		addr := n.Addr()
		if addr.Addr().IsUnspecified() {
			addr = netip.AddrPortFrom(netip.Addr{}, addr.Port())
		}
		n.discovery, err = kademlia.Listen(addr, kademlia.Config{ID: id, Log: n.log})
		if _, port, _ := net.SplitHostPort(n.config.Listen); err == nil || port != "0" {
			return err
		}
		n.listener.Close()
	}
	return err
}

var keyNodeID = []byte("node-id") // 20 bytes, beside the chain: a node keeps its ID

// nodeID returns the ID by which other nodes know the one with this data
// directory. It is drawn once, and kept: under a new one at every start, others
// would take the node for several.
func (bc *Blockchain) nodeID() (id kademlia.ID, err error) {
	err = bc.db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if copy(id[:], meta.Get(keyNodeID)) == len(id) {
			return nil
		}
		if _, err := rand.Read(id[:]); err != nil {
			return err
		}
		return meta.Put(keyNodeID, id[:])
	})
	return id, err
}

// Addr returns the address for other nodes, UDP and TCP.
func (n *Node) Addr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(n.listener.Addr().String())
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// RPCAddr returns the address for commands.
func (n *Node) RPCAddr() string { return n.commands.Addr().String() }

// Run runs the node until ctx is done, or a part of it fails. When it returns
// everything is closed, and no goroutine of the node is left.
func (n *Node) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	var parts sync.WaitGroup
	parts.Go(func() { stop(n.peers.Run(ctx, n.listener)) })
	parts.Go(func() { stop(rpc.Serve(ctx, n.commands, &Cli{n})) })
	parts.Go(func() { n.pool.Run(ctx) })
	for _, seed := range n.config.Bootstrap {
		parts.Go(func() { n.join(ctx, seed) })
	}
	<-ctx.Done()
	parts.Wait()
	err := n.close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// join looks up a seed's host name, again and again until it has an address,
// and joins its network. Discovery itself tries addresses again.
func (n *Node) join(ctx context.Context, seed string) {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		addrs, err := resolve(ctx, seed)
		if err == nil {
			if err := n.discovery.Bootstrap(ctx, addrs...); err != nil && ctx.Err() == nil {
				n.log.Info("no node answers at the bootstrap address yet", "peer", seed)
			}
			return
		}
		n.log.Warn("bootstrap address is unknown", "peer", seed, "err", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// resolve returns the addresses of HOST:PORT.
func resolve(ctx context.Context, seed string) (addrs []netip.AddrPort, err error) {
	host, service, err := net.SplitHostPort(seed)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for _, ip := range ips {
		addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return addrs, err
}

// close closes what is open, the database last.
func (n *Node) close() (err error) {
	for _, c := range []net.Listener{n.commands, n.listener} {
		if c != nil {
			c.Close()
		}
	}
	if n.discovery != nil {
		err = n.discovery.Close()
	}
	if n.chain != nil {
		err = errors.Join(err, n.chain.Close())
	}
	return err
}

// second returns the command for one more node on this machine, which joins
// the one at seed: with ports that are free, and a directory of its own.
func (c NodeConfig) second(seed string) string {
	port := freePort(5679, +1)
	return fmt.Sprintf("go run . start -listen :%d -rpc 127.0.0.1:%d -data data%d -bootstrap %s",
		port, freePort(9998, -1), port-5677, seed)
}

func freePort(port, step int) int {
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			ln.Close()
			break
		}
		port += step
	}
	return port
}

// advice tells what to type if err says that another node has the port or the
// directory.
func (n *Node) advice(err error) string {
	const wsaAddrInUse = syscall.Errno(10048) // Windows' own
	if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, wsaAddrInUse) && !errors.Is(err, ErrInUse) {
		return ""
	}
	_, port, _ := net.SplitHostPort(n.config.Listen)
	return ": for a second node on this machine: " + n.config.second("127.0.0.1:"+port)
}

// A demonstration plays the tutorial's test section on two nodes.
type demonstration struct {
	out    io.Writer
	colour bool
	nodes  map[string]*Node
	known  map[string]string // what the commands printed: {G} and so on

	mu    sync.Mutex     // guards all below, and out
	heard map[string]int // lines logged, by node and message
	more  chan struct{}  // closed and replaced at each line
}

// A scene is one command of the demonstration.
type scene struct {
	text  string // what the reader should know before
	node  string
	line  string // the command
	want  string // what it prints, where {X} stands for one and the same text each time
	until string // node and message of a log line to wait for
}

var scenes = []scene{
	{"A starts a chain. Its first block pays 1000 coins to a new wallet of A's.", "A", "genesis_block", "Genesis Wallet is: {G}", "B blocks synced"},
	{"Both nodes know.", "A", "balance {G}", "{G} balance is 1000", ""},
	{"", "B", "balance {G}", "{G} balance is 1000", ""},
	{"B makes a wallet.", "B", "createwallet", "Wallet address is {W}", ""},
	{"", "B", "printwallet", "Wallet are:\n\t{W}", ""},
	{"A pays B. The payment waits until the pool holds two.", "A", "send --from {G} --to {W} --amount 100", "send 100 from {G} to {W}", "B transaction pooled"},
	{"A pays the same again, with the same coin: only one payment can hold.", "A", "send --from {G} --to {W} --amount 100", "send 100 from {G} to {W}", "B blocks synced"},
	{"A has 1000 - 100, and 1000 for the block that it mined.", "A", "balance {G}", "{G} balance is 1900", ""},
	{"", "B", "balance {G}", "{G} balance is 1900", ""},
	{"", "A", "balance {W}", "{W} balance is 100", ""},
	{"", "B", "balance {W}", "{W} balance is 100", ""},
	{"And the block is the same on both.", "A", "print 1", "{H}", ""},
	{"", "B", "print 1", "{H}", ""},
}

// told says what the log lines of a node mean.
var told = map[string]string{
	"peer found":          "discovered the other: it answered a Kademlia ping over UDP",
	"peer connected":      "connected to the other over TCP, and shook hands",
	"transaction pooled":  "checked the payment against the chain, and pooled it",
	"transaction dropped": "dropped a payment: an earlier one spends the same coin",
	"block mined":         "had mined the block, and announces it",
	"block accepted":      "checked a block, and put it on its chain",
	"blocks synced":       "had seen in a handshake that the other is ahead, and got the block from it",
}

// A narrator is the log of one node, told to a reader. It is a [slog.Handler].
type narrator struct {
	*demonstration
	node string
}

func (d narrator) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (d narrator) WithAttrs([]slog.Attr) slog.Handler               { return d }
func (d narrator) WithGroup(string) slog.Handler                    { return d }

// Handle implements [slog.Handler].
func (d narrator) Handle(_ context.Context, r slog.Record) error {
	if text, ok := told[r.Message]; ok {
		d.say("2", "    . "+d.node+" "+text)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard[d.node+" "+r.Message]++
	close(d.more)
	d.more = make(chan struct{})
	return nil
}

// say prints a line, in a colour if the reader sees colours.
func (d *demonstration) say(ansi, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.colour {
		text = "\x1b[" + ansi + "m" + text + "\x1b[0m"
	}
	fmt.Fprintln(d.out, text)
}

// await waits until a node has logged a message, if any, more than count times.
func (d *demonstration) await(ctx context.Context, line string, count int) error {
	for line != "" {
		d.mu.Lock()
		heard, more := d.heard[line], d.more
		d.mu.Unlock()
		if heard > count {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("wait for %q: %w", line, ctx.Err())
		}
	}
	return nil
}

// demo is the command: it succeeds only if every command prints what it does
// in the article. Ports and directories are the system's choice.
func demo(ctx context.Context, o *options) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d := &demonstration{
		out: o.stdout, colour: os.Getenv("NO_COLOR") == "" && isTerminal(o.stdout), nodes: make(map[string]*Node),
		known: make(map[string]string), heard: make(map[string]int), more: make(chan struct{}),
	}
	d.say("1", "Two nodes start on this machine. B is told where A is.")
	var seeds []string
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel() // runs first
	for _, name := range []string{"A", "B"} {
		c := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", PoolSize: 2, Data: filepath.Join(dir, name), Bootstrap: seeds}
		n, err := OpenNode(c, slog.New(narrator{d, name}))
		if err != nil {
			return err
		}
		running.Go(func() { n.Run(ctx) })
		d.nodes[name], seeds = n, []string{n.Addr().String()}
	}
	err = errors.Join(d.await(ctx, "A peer connected", 0), d.await(ctx, "B peer connected", 0))
	for i := 0; i < len(scenes) && err == nil; i++ {
		err = d.play(ctx, scenes[i])
	}
	if err == nil {
		d.say("1;32", "\nAll as the article has it. Now start a node of your own: go run . start")
	}
	return err
}

// isTerminal reports whether a person sees what is written to w.
func isTerminal(w io.Writer) bool {
	f, _ := w.(*os.File)
	info, err := f.Stat() // of no file: an error
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// play runs one command, and compares what it prints with the article.
func (d *demonstration) play(ctx context.Context, s scene) error {
	if s.text != "" {
		d.say("1", "\n"+s.text)
	}
	line, want := s.line+" -rpc "+d.nodes[s.node].RPCAddr(), regexp.QuoteMeta(s.want)
	for name, text := range d.known {
		line = strings.ReplaceAll(line, "{"+name+"}", text)
		want = strings.ReplaceAll(want, `\{`+name+`\}`, regexp.QuoteMeta(text))
	}
	pattern := regexp.MustCompile(`^` + regexp.MustCompile(`\\\{(\w)\\\}`).ReplaceAllString(want, `(?P<$1>.+)`) + `\n$`)
	d.mu.Lock()
	before := d.heard[s.until]
	d.mu.Unlock()
	d.say("36", s.node+"$ go run . "+line)
	var stdout, stderr strings.Builder
	code := run(ctx, strings.Fields(line), &stdout, &stderr)
	d.say("0", strings.TrimSuffix(stdout.String()+stderr.String(), "\n"))
	found := pattern.FindStringSubmatch(stdout.String())
	if code != 0 || found == nil {
		return fmt.Errorf("go run . %s: exit code %d, and not what the article says: %s", line, code, s.want)
	}
	for i, name := range pattern.SubexpNames() {
		if name != "" {
			d.known[name] = found[i]
		}
	}
	return d.await(ctx, s.until, before)
}
