package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	netrpc "net/rpc"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gosimpleblockchain/rpc"
)

const (
	defaultListen   = ":5678"
	defaultRPC      = "127.0.0.1:9999"
	defaultView     = "127.0.0.1:8080+" // or one of the next viewPorts
	viewPorts       = 100
	viewOff         = "off"
	defaultData     = "data"
	defaultPoolSize = 2

	callTimeout = 30 * time.Second
)

// A command is one word of the command line. All but demo and start ask the
// running node, by a method of [Cli].
type command struct {
	name  string
	args  string // what stands after the name, for -h
	short string
	flags func(*flag.FlagSet, *options)
	run   func(ctx context.Context, o *options) error
}

// options is what a command line says, and where its answer goes.
type options struct {
	args     []string // without flags
	rpc      string   // address of the node's RPC server
	from, to string
	amount   int64
	node     NodeConfig
	logText  bool   // start's log is for tools
	name     string // of a new wallet
	json     bool   // print facts, not a text
	all      bool   // of chain: the branches, too
	bytes    bool   // the texts that are hashed
	count    int    // blocks to list

	quiet, everyMessage bool // of watch

	chinese bool // what is printed for people

	lab labOptions

	majority majorityAttack // of attack

	zone *time.Location // of times

	stdin  io.Reader // of lab
	stdout *output
	stderr io.Writer
}

func commands() []command {
	return []command{
		{"demo", "", "play the tutorial on two nodes", nil, demo},
		{"start", "", "run a node until interrupted", startFlags, start},
		{"genesis_block", "", "start a chain; a new wallet gets its coins", nameFlag, genesisBlock},
		{"createwallet", "", "make a new wallet and print its address", nameFlag, createWallet},
		{"printwallet", "", "list the addresses of the node's wallets", rpcFlag, printWallet},
		{"balance", "ADDRESS", "print how many coins an address has", rpcFlag, balance},
		{"send", "--from A --to B --amount N", "send coins from one of the node's wallets", sendFlags, send},
		{"print", "HEIGHT", "print a block's header; HEIGHT 0 is the first", rpcFlag, printBlock},
		{"pool", "", "list the transactions that wait for a block", jsonFlag, pool},
		{"peers", "", "list the other nodes, and how they stand", jsonFlag, peers},
		{"status", "", "tell how the node stands", jsonFlag, status},
		{"wallet", "", "list the node's wallets, and what they have", jsonFlag, walletCmd},
		{"chain", "", "list the last blocks", chainFlags, chainCmd},
		{"block", "HEIGHT|HASH|last", "show a block, and who pays whom in it", bytesFlag, block},
		{"tx", "TXID", "show a transaction, and each rule it keeps", bytesFlag, tx},
		{"history", "ADDRESS", "list what an address got and paid", historyFlags, history},
		{"mine", "[N]", "mine what waits, or N blocks, now", jsonFlag, mineCmd},
		{"watch", "", "tell what the node does, until Ctrl-C", watchFlags, watch},
		{"lab", "", "cut the wires between nodes, and watch them", labFlags, labCmd},
		{"attack", "[NAME]", "let a thief loose on a copy of your chain", attackFlags, attackCmd},
	}
}

func rpcFlag(fs *flag.FlagSet, o *options) {
	o.rpc = defaultRPC
	fs.Func("rpc", "`address` of the node's command port (default "+defaultRPC+")", func(s string) error {
		o.rpc = strings.TrimSpace(s)
		return checkHostPort(o.rpc, 0)
	})
}

func nameFlag(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	fs.Func("name", "`name` for the wallet, which may stand for its address at this node", func(s string) error {
		o.name = strings.TrimSpace(s)
		return checkName(o.name)
	})
}

// jsonFlag is for the commands that print facts of package view.
func jsonFlag(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	fs.BoolVar(&o.json, "json", false, "print all facts as one line of JSON, for scripts: docs/see.md names them")
}

func bytesFlag(fs *flag.FlagSet, o *options) {
	jsonFlag(fs, o)
	fs.BoolVar(&o.bytes, "bytes", false, "print the very texts that are hashed")
}

func chainFlags(fs *flag.FlagSet, o *options) {
	jsonFlag(fs, o)
	fs.BoolVar(&o.all, "all", false, "draw the branches beside the chain, too")
	countFlag(fs, o, 1, "`heights` to list (default 20)")
}

func historyFlags(fs *flag.FlagSet, o *options) {
	jsonFlag(fs, o)
	countFlag(fs, o, 0, "`blocks` to list, 0 for all (default 20)")
}

func countFlag(fs *flag.FlagSet, o *options, lowest int64, usage string) {
	o.count = usualRows
	fs.Func("n", usage, func(s string) error {
		n, err := parseDecimal(s, lowest, 1_000_000)
		o.count = int(n)
		return err
	})
}

func sendFlags(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	fs.Func("from", "`address` or name of a wallet of this node", func(s string) error {
		o.from = strings.TrimSpace(s)
		return nil
	})
	fs.Func("to", "`address` to pay to, or name of a wallet of this node", func(s string) error {
		o.to = strings.TrimSpace(s)
		return nil
	})
	fs.Func("amount", "`coins` to pay, 1 or more", func(s string) (err error) {
		o.amount, err = parseDecimal(s, 1, maxValue)
		return err
	})
}

func watchFlags(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	fs.BoolVar(&o.quiet, "q", false, "leave the messages out: tell only what changed")
	fs.BoolVar(&o.everyMessage, "v", false, "tell each message, though it says what the last one did")
	fs.BoolVar(&o.json, "json", false, "print JSON, a line an event: number, time, level, kind, facts, text")
}

func langFlag(fs *flag.FlagSet, o *options) {
	fs.Func("lang", "`language`: en or zh (default: that of your system)", func(s string) error {
		if s != "en" && s != "zh" {
			return errors.New("give en or zh")
		}
		o.chinese = s == "zh"
		return nil
	})
}

func viewFlag(fs *flag.FlagSet, o *options) {
	o.node.View = defaultView
	fs.Func("view", "`address` of the page, or off (default 127.0.0.1:8080 or the next)", func(s string) error {
		o.node.View = strings.TrimSpace(s)
		if o.node.View == viewOff {
			o.node.View = ""
			return nil
		}
		return checkHostPort(o.node.View, 0)
	})
}

func dataFlag(fs *flag.FlagSet, o *options, usage string) {
	o.node.Data = defaultData
	fs.Func("data", usage, func(s string) error {
		o.node.Data = s
		return nil
	})
}

func startFlags(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	c := &o.node
	c.Listen = defaultListen
	fs.Func("listen", "`address` for other nodes, UDP and TCP (default :5678)", func(s string) error {
		c.Listen = strings.TrimSpace(s)
		if port, ok := strings.CutPrefix(c.Listen, ":"); ok {
			return checkHostPort("0.0.0.0:"+port, 0)
		}
		return checkHostPort(c.Listen, 0)
	})
	viewFlag(fs, o)
	fs.Func("bootstrap", "`addresses` of nodes to join, HOST:PORT,…", func(s string) error {
		for seed := range strings.SplitSeq(s, ",") {
			seed = strings.TrimSpace(seed)
			if err := checkHostPort(seed, 1); err != nil {
				return fmt.Errorf("%q: %w", seed, err)
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
	dataFlag(fs, o, "`directory` of the chain and the wallets (default data)")
	c.PoolSize = defaultPoolSize
	fs.Func("pool-size", "`transactions` that fill the pool: then a block is mined (default 2)", func(s string) error {
		n, err := parseDecimal(s, 1, maxPoolTxs)
		c.PoolSize = int(n)
		return err
	})
	fs.BoolVar(&c.SpendPending, "spend-pending", false, "let send spend change that no block has confirmed yet")
	fs.BoolVar(&c.Check, "check", false, "check all of the chain on disk first, not only its last blocks")
	fs.BoolVar(&c.Verbose, "v", false, "log every message")
	fs.Func("log", "`form` of the log: story, for people, or text, for tools (default story)", func(s string) error {
		o.logText = s == "text"
		if s != "text" && s != "story" {
			return errors.New("give story or text")
		}
		return nil
	})
}

// parseDecimal reads a number from lowest to highest. There is no other notation,
// as Go has it: 010 is ten, and 0x10 or 1_0 is an error.
func parseDecimal(s string, lowest, highest int64) (int64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 63)
	if err != nil || int64(n) < lowest || int64(n) > highest {
		return 0, fmt.Errorf("give a whole number from %d to %d", lowest, highest)
	}
	return int64(n), nil
}

// checkHostPort checks that an address has a host, and a port that is a number.
func checkHostPort(addr string, lowest int64) error {
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = parseDecimal(port, lowest, 65535)
	}
	if err != nil || host == "" {
		return fmt.Errorf("give HOST:PORT, where PORT is a number from %d to 65535", lowest)
	}
	return nil
}

// An output is where results go. It keeps the first error of writing there.
type output struct {
	io.Writer
	err error
}

func (w *output) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// A usageError says in one sentence what is wrong with a command line.
type usageError string

func (e usageError) Error() string { return string(e) }

// run carries out one command line. It returns the exit code: 0, 1 for a
// failure, 2 for wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o := &options{chinese: readsChinese(), stdin: os.Stdin, stdout: &output{Writer: stdout}, stderr: stderr, zone: time.Local}
	args = o.takeLang(args)
	if len(args) == 0 {
		o.printUsage(stderr)
		return 2
	}

	err := o.run(ctx, args)
	if err == nil {
		err = o.stdout.err
	}

	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, o.say(usage.Error()))
		return 2
	}
	o.hint(strings.ReplaceAll(err.Error(), "\n", "; "))
	return 1
}

// takeLang takes the flag -lang from a command line: it is for what is said of the
// rest, too.
func (o *options) takeLang(args []string) (rest []string) {
	for i, word := range args {
		name, value, joined := strings.Cut(word, "=")
		end := i + 1
		if !joined && end < len(args) {
			value = args[end]
			end++
		}
		if (name == "-lang" || name == "--lang") && (value == "en" || value == "zh") {
			o.chinese = value == "zh"
			return slices.Delete(slices.Clone(args), i, end)
		}
	}
	return args
}

func (o *options) run(ctx context.Context, args []string) error {
	if slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
		if len(args) == 1 {
			o.printUsage(o.stdout)
			return nil
		}
		args = []string{args[1], "-h"}
	}

	// Flags may stand in front of the command, too.
	if strings.HasPrefix(args[0], "-") {
		i := slices.IndexFunc(args, isCommand)
		if i < 0 {
			return usageError(fmt.Sprintf("no command beside %s: see `go run . -h`", args[0]))
		}
		args = slices.Concat(args[i:i+1], args[:i], args[i+1:])
	}

	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.parse(o, args[1:])
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		if err != nil {
			return err
		}
		return c.run(ctx, o)
	}
	return usageError(fmt.Sprintf("unknown command %q: see `go run . -h`", args[0]))
}

func isCommand(word string) bool {
	return slices.ContainsFunc(commands(), func(c command) bool { return c.name == word })
}

func (o *options) printUsage(w io.Writer) {
	fmt.Fprintln(w, o.say("usage: go run . COMMAND [FLAGS]; go run . COMMAND -h tells more"))
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-31s  %s\n", c.name+" "+c.args, o.say(c.short))
	}
}

// parse reads the words after the command's name. Flags may stand anywhere.
// For -h it prints what the command takes, and returns [flag.ErrHelp].
func (c *command) parse(o *options, args []string) error {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // a usageError is all that is printed
	if c.flags != nil {
		c.flags(fs, o)
	}
	langFlag(fs, o)

	least, most := 0, 0
	switch {
	case strings.HasPrefix(c.args, "["):
		most = 1
	case c.args != "" && !strings.HasPrefix(c.args, "-"):
		least, most = 1, 1
	}

	// Where an argument is wanted, -1 is a wrong one, and no flag: with a space
	// in front, package flag sees that.
	if most > 0 {
		args = slices.Clone(args)
		for i, word := range args {
			if negative.MatchString(word) {
				args[i] = " " + word
			}
		}
	}

	// Package flag stops at the first word that is no flag: take it, and go on.
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(o.stdout, o.say(fmt.Sprintf("usage: go run . %s", strings.TrimSpace(c.name+" "+c.args))))
			fmt.Fprintln(o.stdout, o.say(c.short))
			fs.VisitAll(func(f *flag.Flag) { f.Usage = o.say(f.Usage) })
			fs.SetOutput(o.stdout)
			fs.PrintDefaults()
			return err
		}
		if err != nil {
			return c.usageError("%s", strings.Replace(err.Error(), `" -`, `"-`, 1)) // without the space above
		}

		args = fs.Args()
		if len(args) == 0 {
			break
		}
		o.args = append(o.args, strings.TrimSpace(args[0]))
		args = args[1:]
	}

	switch {
	case len(o.args) < least:
		return c.usageError("%s is missing", c.args)
	case len(o.args) > most:
		return c.usageError("%q is one argument too many", o.args[most])
	}
	return nil
}

var negative = regexp.MustCompile(`^-\d`)

func (c *command) usageError(format string, args ...any) error {
	return usageError(fmt.Sprintf("%s: %s: see `go run . %s -h`", c.name, fmt.Sprintf(format, args...), c.name))
}

// hint prints to stderr what to do next: see [options.withRPC].
func (o *options) hint(text string) { fmt.Fprintln(o.stderr, o.withRPC(o.say(text))) }

// start is the command: it runs a node until it is interrupted.
func start(ctx context.Context, o *options) error {
	err := o.runNode(ctx)
	if ctx.Err() == nil || err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	fmt.Fprintln(o.stderr, o.say("stopped; everything is saved"))
	return nil
}

// runNode opens a node, says what to type next, and runs it.
func (o *options) runNode(ctx context.Context) error {
	o.node.RPC = o.rpc
	level := slog.LevelInfo
	if o.node.Verbose {
		level = slog.LevelDebug
	}
	log := newLog(o.stderr, level, o.logText, o.chinese)

	n, err := OpenNode(ctx, o.node, log)
	if err != nil {
		return err
	}

	n.greet(o.stdout, o.say)
	if o.stdout.err != nil {
		n.close()
		return o.stdout.err
	}

	listening := []any{"addr", n.Addr(), "rpc", n.RPCAddr(), "data", n.config.Data}
	if n.page != nil {
		listening = append(listening, "page", n.pageURL())
	}
	n.log.Info("listening", listening...)
	return n.Run(ctx)
}

// ask calls a method of the running node's [Cli].
func ask[T any](ctx context.Context, o *options, method string, args any) (reply T, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	err = rpc.Call(ctx, o.rpc, "Cli."+method, args, &reply)
	return reply, o.explain(err)
}

// explain says what to do about an error of rpc.Call.
func (o *options) explain(err error) error {
	switch {
	case errors.Is(err, rpc.ErrNoNode):
		err = fmt.Errorf("no node answers on %s: start one with `go run . start`", o.rpc)
	case errors.Is(err, rpc.ErrNoGreeting):
		err = fmt.Errorf("something listens on %s, but does not answer: "+
			"if it is a node, it is busy, or stopped by Ctrl-Z: try again, or type fg in its terminal", o.rpc)
	case errors.Is(err, rpc.ErrStranger):
		err = fmt.Errorf("what answers on %s takes no commands; it is another program, or a port for peers: "+
			"give -rpc the address that the node logs at its start, after 'commands on'", o.rpc)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, netrpc.ErrShutdown), errors.Is(err, syscall.ECONNRESET):
		err = fmt.Errorf("the node on %s hung up before it answered: it may have stopped, and may have done what you asked", o.rpc)
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no reply from the node on %s within %s: it may still do what you asked", o.rpc, callTimeout)
	case errors.Is(err, context.Canceled):
		err = errors.New("stopped: the node may still do what you asked")
	}
	return err
}

func genesisBlock(ctx context.Context, o *options) error {
	address, err := ask[string](ctx, o, "CreateGenesisBlock", o.name)
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, "Genesis Wallet is:", address)
	o.hint(fmt.Sprintf("it has the first coins: see `go run . balance %s`", address))
	return nil
}

func createWallet(ctx context.Context, o *options) error {
	address, err := ask[string](ctx, o, "CreateWallet", o.name)
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
		o.hint(hint)
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
	missing := ""
	switch {
	case o.from == "":
		missing = "--from"
	case o.to == "":
		missing = "--to"
	case o.amount == 0:
		missing = "--amount"
	}
	if missing != "" {
		return usageError(fmt.Sprintf("send: %s is missing: see `go run . send -h`", missing))
	}

	hint, err := ask[string](ctx, o, "Send", SendArgs{o.from, o.to, o.amount})
	if err != nil {
		return err
	}

	fmt.Fprintf(o.stdout, "send %d from %s to %s\n", o.amount, o.from, o.to)
	o.hint(hint)
	return nil
}

func printBlock(ctx context.Context, o *options) error {
	height, err := parseDecimal(o.args[0], 0, math.MaxInt)
	if err != nil {
		return usageError(fmt.Sprintf("print: %q is not a height: the first block has 0, the next 1, and so on", o.args[0]))
	}

	header, err := ask[string](ctx, o, "PrintChain", int(height))
	if err != nil {
		return err
	}

	fmt.Fprintln(o.stdout, header)
	return nil
}
