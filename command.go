package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gosimpleblockchain/rpc"
)

const (
	defaultListen   = ":5678"
	defaultRPC      = "127.0.0.1:9999"
	defaultData     = "data"
	defaultPoolSize = 2

	callTimeout = 30 * time.Second
)

// errUsage marks a command line that is wrong; its reason is printed already.
var errUsage = errors.New("wrong usage")

// A command is one word of the command line. All but start ask the running
// node, by a method of [Cli].
type command struct {
	name  string
	args  string // what stands after the name, for -h
	short string
	flags func(*flag.FlagSet, *options)
	run   func(ctx context.Context, o *options) error
}

// options is what a command line says, and where its answer goes.
type options struct {
	args           []string // without flags
	rpc            string   // address of the node's RPC server
	from, to       string
	amount         int64
	node           NodeConfig
	stdout, stderr io.Writer
}

func commands() []command {
	return []command{
		{"demo", "", "play the tutorial on two nodes, and tell what happens", nil, demo},
		{"start", "", "run a node until interrupted", startFlags, start},
		{"genesis_block", "", "start a chain, and pay its first coins to a new wallet", nil, genesisBlock},
		{"createwallet", "", "make a new wallet and print its address", nil, createWallet},
		{"printwallet", "", "list the addresses of the node's wallets", nil, printWallet},
		{"balance", "ADDRESS", "print how many coins an address has", nil, balance},
		{"send", "--from A --to B --amount N", "send coins from one of the node's wallets", sendFlags, send},
		{"print", "HEIGHT", "print the header of a block", nil, printBlock},
		{"pool", "", "list the transactions that wait for a block", nil, pool},
		{"peers", "", "list the other nodes, and how far their chains are", nil, peers},
	}
}

func sendFlags(fs *flag.FlagSet, o *options) {
	fs.StringVar(&o.from, "from", "", "`address` of a wallet of this node")
	fs.StringVar(&o.to, "to", "", "`address` to pay to")
	fs.Int64Var(&o.amount, "amount", 0, "`coins` to pay, 1 or more")
}

func startFlags(fs *flag.FlagSet, o *options) {
	c := &o.node
	fs.StringVar(&c.Listen, "listen", defaultListen, "`address` for other nodes, UDP and TCP")
	fs.Func("bootstrap", "`addresses` of nodes to join, HOST:PORT,…", func(s string) error {
		for seed := range strings.SplitSeq(s, ",") {
			if _, _, err := net.SplitHostPort(seed); err != nil {
				return err
			}
			c.Bootstrap = append(c.Bootstrap, seed)
		}
		return nil
	})
	fs.Func("genesis", "take only the chain whose genesis block has this `hash`", func(s string) error {
		if !isHex(s, 64) {
			return errors.New("a hash is 64 hex digits, in lower case")
		}
		c.Genesis = s
		return nil
	})
	fs.BoolVar(&c.Fresh, "fresh", false, "start without a chain: an old one is moved aside, the wallets stay")
	fs.StringVar(&c.Data, "data", defaultData, "`directory` of the chain and the wallets")
	fs.IntVar(&c.PoolSize, "pool-size", defaultPoolSize, "`transactions` that fill the pool: then a block is mined")
	fs.BoolVar(&c.SpendPending, "spend-pending", false, "let send spend change that no block has confirmed yet")
	fs.BoolVar(&c.Verbose, "v", false, "log every message")
}

// run carries out one command line. It returns the exit code: 0, 1 for a
// failure, 2 for wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help" {
		w, code := stdout, 0
		if len(args) == 0 {
			w, code = stderr, 2
		}
		usage(w)
		return code
	}

	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		o := &options{stdout: stdout, stderr: stderr}
		err := c.parse(o, args[1:])
		if err == nil {
			err = c.run(ctx, o)
		}

		switch {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		}

		fmt.Fprintln(stderr, strings.ReplaceAll(err.Error(), "\n", "; "))
		return 1
	}
	fmt.Fprintf(stderr, "unknown command %q: see `go run . -h`\n", args[0])
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: go run . COMMAND [FLAGS]; COMMAND -h tells more")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-38s %s\n", c.name+" "+c.args, c.short)
	}
}

// parse reads the words after the command's name. Flags may stand anywhere.
func (c *command) parse(o *options, args []string) error {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(o.stderr)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: go run . %s\n%s\n", strings.TrimSpace(c.name+" "+c.args), c.short)
		fs.PrintDefaults()
	}

	fs.StringVar(&o.rpc, "rpc", defaultRPC, "`address` of the node's command port, on this machine")
	if c.flags != nil {
		c.flags(fs, o)
	}

	// Package flag stops at the first word that is no flag: take it, and go on.
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		if err != nil {
			return errUsage
		}

		args = fs.Args()
		if len(args) == 0 {
			break
		}
		o.args = append(o.args, args[0])
		args = args[1:]
	}

	want := 0
	if c.args != "" && c.flags == nil {
		want = 1
	}
	if len(o.args) != want {
		fmt.Fprintf(o.stderr, "%s takes %d argument, not %d: see `go run . %s -h`\n", c.name, want, len(o.args), c.name)
		return errUsage
	}
	return nil
}

// start is the command: it opens a node, says what to type next, and runs it.
func start(ctx context.Context, o *options) error {
	o.node.RPC = o.rpc
	level := slog.LevelInfo
	if o.node.Verbose {
		level = slog.LevelDebug
	}
	log := newLog(o.stderr, level)

	n, err := OpenNode(o.node, log)
	if err != nil {
		return err
	}

	o.greet(n)
	n.log.Info("listening", "addr", n.Addr(), "rpc", n.RPCAddr(), "data", n.config.Data)
	return n.Run(ctx)
}

// greet prints what to type on a second machine and in a second terminal.
func (o *options) greet(n *Node) {
	addr := n.Addr()
	if addr.Addr().IsUnspecified() {
		addr = netip.AddrPortFrom(machineAddr(), addr.Port())
	}

	fmt.Fprintf(o.stdout, "On a second machine:   go run . start -bootstrap %s\n", addr)
	fmt.Fprintf(o.stdout, "On this machine:       %s\n", n.config.second(addr.String()))
	next := "genesis_block"
	if _, err := n.chain.Tip(); err == nil || len(n.config.Bootstrap) > 0 {
		next = "peers" // there is a chain, or there may be one to join
	}
	fmt.Fprintf(o.stdout, "In a second terminal:  go run . %s%s\n", next, rpcFlag(n.RPCAddr()))
}

// rpcFlag is what a command for the node at rpc ends in.
func rpcFlag(rpc string) string {
	if rpc == defaultRPC {
		return ""
	}
	return " -rpc " + rpc
}

// machineAddr returns an address of this machine that others may reach, IPv4
// if it has one, or else loopback.
func machineAddr() netip.Addr {
	best := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return best
	}

	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || !prefix.Addr().IsGlobalUnicast() {
			continue
		}

		if prefix.Addr().Is4() {
			return prefix.Addr()
		}
		best = prefix.Addr()
	}
	return best
}

// ask calls a method of the running node's [Cli].
func ask[T any](ctx context.Context, o *options, method string, args any) (reply T, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	err = rpc.Call(ctx, o.rpc, "Cli."+method, args, &reply)
	if errors.Is(err, rpc.ErrNoNode) {
		err = fmt.Errorf("no node answers on %s: start one with `go run . start`", o.rpc)
	}
	return reply, err
}

func genesisBlock(ctx context.Context, o *options) error {
	address, err := ask[string](ctx, o, "CreateGenesisBlock", "")
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, "Genesis Wallet is:", address)
	fmt.Fprintf(o.stderr, "it has the first coins: see `go run . balance %s%s`\n", address, rpcFlag(o.rpc))
	return nil
}

func createWallet(ctx context.Context, o *options) error {
	address, err := ask[string](ctx, o, "CreateWallet", "")
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, "Wallet address is", address)
	return nil
}

func printWallet(ctx context.Context, o *options) error {
	addresses, err := ask[[]string](ctx, o, "PrintAllWallet", "")
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, "Wallet are:")
	for i := range addresses {
		addresses[i] = "\t" + addresses[i]
	}
	o.list(addresses, "none yet: make one with `go run . createwallet`")
	return nil
}

// list prints lines, or a hint if there are none.
func (o *options) list(lines []string, hint string) {
	for _, line := range lines {
		fmt.Fprintln(o.stdout, line)
	}
	if len(lines) == 0 {
		fmt.Fprintln(o.stderr, hint)
	}
}

func balance(ctx context.Context, o *options) error {
	coins, err := ask[int64](ctx, o, "Balance", o.args[0])
	if err != nil {
		return err
	}

	fmt.Fprintf(o.stdout, "%s balance is %d\n", o.args[0], coins)
	return nil
}

func send(ctx context.Context, o *options) error {
	hint, err := ask[string](ctx, o, "Send", SendArgs{o.from, o.to, o.amount})
	if err != nil {
		return err
	}

	fmt.Fprintf(o.stdout, "send %d from %s to %s\n", o.amount, o.from, o.to)
	fmt.Fprintln(o.stderr, hint)
	return nil
}

func printBlock(ctx context.Context, o *options) error {
	height, err := strconv.Atoi(o.args[0])
	if err != nil {
		fmt.Fprintf(o.stderr, "%q is not a height: see `go run . print -h`\n", o.args[0])
		return errUsage
	}

	header, err := ask[string](ctx, o, "PrintChain", height)
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, header)
	return nil
}

func pool(ctx context.Context, o *options) error {
	lines, err := ask[[]string](ctx, o, "Pool", "")
	if err != nil {
		return err
	}

	o.list(lines, "no transaction waits: make one with `go run . send`")
	return nil
}

func peers(ctx context.Context, o *options) error {
	lines, err := ask[[]string](ctx, o, "Peers", "")
	if err != nil {
		return err
	}

	o.list(lines, "no peer found yet: start another node with -bootstrap and this one's address")
	return nil
}
