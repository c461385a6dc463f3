package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gosimpleblockchain/rpc"
)

// What a user may get wrong: each has its own error, on one line, that says
// what to do next, and nothing happens. The Python program takes a negative
// amount, and an address that is none; a second genesis_block prints a new
// wallet that holds nothing.
func TestCommandErrors(t *testing.T) {
	n := startNode(t, NodeConfig{})
	foreign := testWallet(t, 0).Address()
	if code, _, stderr := n.try("print", "0"); code != 1 || !strings.Contains(stderr, "genesis_block") {
		t.Errorf("print without a chain: exit code %d, %s", code, stderr)
	}
	genesis := n.startChain()

	pay := func(amount string) []string {
		return []string{"send", "--from", genesis, "--to", foreign, "--amount", amount}
	}
	const (
		whole  = `for flag -amount: give a whole number from 1 to 21000000000000: see ` + "`go run . send -h`"
		height = "is not a height: the first block has 0"
	)
	tests := []struct {
		name string
		args []string
		code int
		want string // in stderr
	}{
		{"second genesis block", []string{"genesis_block"}, 1, "there is a chain already"},
		{"not there", pay("1001"), 1, "has 1000"},
		{"mistyped payee", []string{"send", "--from", genesis, "--to", foreign[:20] + "x" + foreign[21:], "--amount", "5"}, 1, "mistyped"},
		{"no address", []string{"send", "--from", genesis, "--to", "hello", "--amount", "5"}, 1, "not an address"},
		{"another's wallet", []string{"send", "--from", foreign, "--to", genesis, "--amount", "5"}, 1, "not in this node's wallet"},
		{"balance of nonsense", []string{"balance", "hello"}, 1, "nor the name of a wallet here"},
		{"no such height", []string{"print", "7"}, 1, "the last one is `go run . print 0"},

		{"negative amount", pay("-5"), 2, `"-5" ` + whole},
		{"amount of nothing", pay("0"), 2, whole},
		{"empty amount", pay(""), 2, whole},
		{"hexadecimal amount", pay("0x10"), 2, whole},
		{"amount with underscore", pay("1_0"), 2, whole},
		{"amount with exponent", pay("1e3"), 2, whole},
		{"amount with a fraction", pay("1.5"), 2, whole},
		{"amount beyond all coins", pay("9223372036854775807"), 2, whole},
		{"amount beyond all numbers", pay("9223372036854775808"), 2, whole},
		{"no payer", []string{"send", "--to", foreign, "--amount", "5"}, 2, "send: --from is missing"},
		{"no payee", []string{"send", "--from", genesis, "--amount", "5"}, 2, "send: --to is missing"},
		{"no amount", []string{"send", "--from", genesis, "--to", foreign}, 2, "send: --amount is missing"},

		{"height without value", []string{"print"}, 2, "print: HEIGHT is missing"},
		{"no height", []string{"print", "x"}, 2, `"x" ` + height},
		{"hexadecimal height", []string{"print", "0x0"}, 2, height},
		{"negative height", []string{"print", "-1"}, 2, `"-1" ` + height},
		{"negative height after --", []string{"print", "--", "-1"}, 2, height},
		{"height beyond all numbers", []string{"print", "9223372036854775808"}, 2, height},

		{"no word", []string{"balance"}, 2, "balance: ADDRESS is missing"},
		{"too many words", []string{"balance", genesis, genesis}, 2, "is one argument too many"},
		{"a word for nothing", []string{"pool", "full"}, 2, `pool: "full" is one argument too many`},
		{"unknown flag", []string{"balance", "-x", genesis}, 2, "not defined: -x"},
		{"flag without value", []string{"send", "--from"}, 2, "needs an argument: -from"},
		{"rpc without host", []string{"balance", genesis, "-rpc", "9998"}, 2, `"9998" for flag -rpc: give HOST:PORT`},
		{"rpc without port", []string{"balance", genesis, "-rpc", "localhost"}, 2, "for flag -rpc: give HOST:PORT"},
		{"port of peers", []string{"balance", genesis, "-rpc", n.Addr().String()}, 1, "takes no commands; it is another program, or a port for peers: give -rpc the address that"},
		{"unknown command", []string{"dig"}, 2, `unknown command "dig"`},
		{"help for an unknown command", []string{"help", "dig"}, 2, `unknown command "dig"`},
		{"flags alone", []string{"-v"}, 2, "no command beside -v"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := tt.args
			if tt.code == 1 && !slices.Contains(args, "-rpc") {
				args = append(args, "-rpc", n.RPCAddr())
			}
			code, stdout, stderr := runCommand(args...)
			if code != tt.code || !strings.Contains(stderr, tt.want) || stdout != "" {
				t.Errorf("exit code %d, want %d; stderr %q, want %q in it; stdout %q", code, tt.code, stderr, tt.want, stdout)
			}
			if strings.Count(stderr, "\n") != 1 {
				t.Errorf("stderr is not one line: %q", stderr)
			}
		})
	}
	n.wantBalance(genesis, 1000)
}

// An amount that is negative or zero, or beyond what the wallet has, makes no
// transaction at all. In the Python program a negative one makes coins, and
// nothing from an empty wallet a transaction without inputs.
func TestSendNothing(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	rich, poor := n.startChain(), n.createWallet()
	for _, tt := range []struct {
		from, to string
		amount   int64
	}{
		{rich, poor, -500}, {rich, poor, 0}, {rich, poor, -1 << 63},
		{poor, rich, 0}, {poor, rich, 1},
		{rich, poor, 1001}, {rich, poor, 21e12 + 1}, {rich, poor, 1<<63 - 1},
	} {
		code, stdout, stderr := n.try("send", "--from", tt.from, "--to", tt.to, "--amount", fmt.Sprint(tt.amount))
		if code == 0 || len(n.pool.Transactions()) != 0 {
			t.Errorf("%d from %s is sent: exit code %d, %s%s", tt.amount, tt.from, code, stdout, stderr)
		}
	}
	n.wantBalance(rich, 1000)
}

// A second genesis_block leaves no wallet and no block behind.
func TestSecondGenesisBlock(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.startChain()
	before := bucketDump(t, n.chain)
	if code, stdout, stderr := n.try("genesis_block"); code != 1 || stdout != "" {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	if bucketDump(t, n.chain) != before || len(n.wallets.Addresses()) != 1 {
		t.Error("it left a trace")
	}
}

// Numbers are decimal, whatever zeros they begin with, and spaces around a word
// do not count.
func TestNumbersAreDecimal(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	rich, poor := n.startChain(), n.createWallet()
	n.do("send", "--from", " "+rich, "--to", poor+"\t", "--amount", " 0100 ")
	n.wantBalance(poor, 100)
	n.do("send", "--from="+rich, "--to= "+poor, "--amount=010")
	n.wantBalance(poor, 110)
	if got, want := n.do("balance", " "+poor+" "), n.do("balance", poor); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := n.do("print", "01"), n.do("print", "1"); got != want {
		t.Errorf("print 01: got %q, want %q", got, want)
	}
}

// What is suggested asks the node that was asked.
func TestHintsNameTheNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	_, port, _ := strings.Cut(n.RPCAddr(), ":")
	addr := "localhost:" + port
	flag := " -rpc " + addr + "`"

	_, stdout, stderr := runCommand("genesis_block", "-rpc", addr)
	genesis := addressPattern.FindString(stdout)
	if want := "it has the first coins: see `go run . balance " + genesis + flag + "\n"; stderr != want {
		t.Errorf("genesis_block: got %q, want %q", stderr, want)
	}

	poor := n.createWallet()
	tests := []struct{ command, want string }{
		{"print 7", "`go run . print 0" + flag},
		{"balance hello", "`go run . wallet" + flag},
		{"send --from " + poor + " --to " + genesis + " --amount 5", "`go run . balance " + poor + flag},
		{"send --from hello --to hello --amount 5", "`go run . wallet" + flag},
		{"genesis_block", "`go run . print 0" + flag},
		{"pool", "`go run . send --from A --to B --amount 1" + flag},
	}
	for _, tt := range tests {
		_, _, stderr := runCommand(append(strings.Fields(tt.command), "-rpc", addr)...)
		if !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: got %q, want %q in it", tt.command, stderr, tt.want)
		}
	}

	o := &options{rpc: defaultRPC}
	if text := "see `go run . pool`"; o.withRPC(text) != text {
		t.Errorf("asked at the default address: got %q, want %q", o.withRPC(text), text)
	}
}

func TestNoNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.stop() // its port is free now
	code, _, stderr := n.try("printwallet")
	want := fmt.Sprintf("no node answers on %s: start one with `go run . start -rpc %[1]s`\n", n.RPCAddr())
	if code != 1 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
}

// A node that does not answer is there all the same.
func TestNodeDoesNotAnswer(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()

	code, _, stderr := runCommand("printwallet", "-rpc", ln.Addr().String())
	want := "something listens on " + ln.Addr().String() + ", but does not answer: "
	if code != 1 || !strings.HasPrefix(stderr, want) {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
}

// Something else may answer: a web server, as at a Python node's command port, or
// a Python node's port for peers, which replies to anything that it says nothing.
func TestNoNodeButAStranger(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	peers := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer peers.Close()
	go func() {
		if conn, err := peers.Accept(); err == nil {
			defer conn.Close()
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, `{"code": 0, "data": ""}`)
		}
	}()

	for name, addr := range map[string]string{
		"web server":     web.Listener.Addr().String(),
		"port for peers": peers.Addr().String(),
	} {
		code, _, stderr := runCommand("printwallet", "-rpc", addr)
		want := "what answers on " + addr + " takes no commands; it is another program, or a port for peers: "
		if code != 1 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%s: exit code %d, %q, want %q", name, code, stderr, want)
		}
	}
}

// A hangingCli is a node that stops while it answers.
type hangingCli struct{ asked, done chan struct{} }

func (c *hangingCli) PrintAllWallet(_ string, _ *[]string) error {
	close(c.asked)
	<-c.done
	return nil
}

// A node that stops in the middle of an answer may have done what it was asked.
func TestNodeHangsUp(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cli := &hangingCli{make(chan struct{}), make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() { rpc.Serve(ctx, ln, cli) })
	serving.Go(func() { <-cli.asked; cancel() })

	code, _, stderr := runCommand("printwallet", "-rpc", ln.Addr().String())
	want := "the node on " + ln.Addr().String() + " hung up before it answered: it may have stopped, and may have done what you asked\n"
	if code != 1 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
	close(cli.done)
	serving.Wait()
}

// Help is a result: on stdout, and no wider than a terminal.
func TestHelp(t *testing.T) {
	helps := [][]string{{"-h"}, {"help"}, {"-h", "-lang", "zh"}}
	for _, c := range commands() {
		helps = append(helps, []string{c.name, "-h"}, []string{c.name, "-h", "-lang", "zh"})
	}
	for _, args := range helps {
		code, stdout, stderr := runCommand(args...)
		begin := "usage: "
		if slices.Contains(args, "zh") {
			begin = "用法："
		}
		if code != 0 || stderr != "" || !strings.HasPrefix(stdout, begin) {
			t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
		}
		for line := range strings.Lines(stdout) {
			line = strings.TrimRight(line, "\n")
			if _, text, ok := strings.Cut(line, "\t"); ok {
				line = "        " + text
			}
			if textWidth(line) > 80 {
				t.Errorf("%v: longer than 80 columns: %q", args, line)
			}
		}
	}

	_, want, _ := runCommand("send", "-h")
	for _, args := range [][]string{{"help", "send"}, {"-h", "send"}, {"--help", "send"}} {
		if _, got, _ := runCommand(args...); got != want {
			t.Errorf("%v: got %q, want %q", args, got, want)
		}
	}
	if _, got, _ := runCommand("demo", "-h"); strings.Contains(got, "-rpc") {
		t.Errorf("demo asks no node, but has -rpc: %q", got)
	}
}

// Flags may stand before the command.
func TestFlagsBeforeCommand(t *testing.T) {
	n := startNode(t, NodeConfig{})
	genesis := n.startChain()
	want := n.do("balance", genesis)
	if code, got, stderr := runCommand("-rpc", n.RPCAddr(), "balance", genesis); code != 0 || got != want {
		t.Errorf("exit code %d, %q, %q, want %q", code, got, stderr, want)
	}
}

var errFull = errors.New("no space left on device")

// A fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// A result that cannot be written is a failure.
func TestOutputIsFull(t *testing.T) {
	skipSlow(t)
	n := startNode(t, NodeConfig{})
	genesis := n.startChain()
	data := t.TempDir()
	for _, command := range []string{
		"-h", "send -h", "demo",
		"start -listen 127.0.0.1:0 -rpc 127.0.0.1:0 -data " + data,
		"createwallet -rpc " + n.RPCAddr(),
		"printwallet -rpc " + n.RPCAddr(),
		"balance -rpc " + n.RPCAddr() + " " + genesis,
		"print 0 -rpc " + n.RPCAddr(),
		"send -rpc " + n.RPCAddr() + " --amount 1 --from " + genesis + " --to " + genesis,
		"pool -rpc " + n.RPCAddr(),
	} {
		t.Run(command, func(t *testing.T) {
			var stderr bytes.Buffer
			code := run(t.Context(), strings.Fields(command), fullDisk{}, &stderr)
			if code != 1 || !strings.HasSuffix(stderr.String(), errFull.Error()+"\n") {
				t.Errorf("exit code %d, %q, want 1, %q", code, stderr.String(), errFull)
			}
		})
	}
	openNode(t, NodeConfig{Data: data}).close() // that node has ended
}

// A taken port or directory is an error, with the whole command for a second
// node in it. A Python node swallows it, and the second node's commands go to
// the first. An RPC address that others can reach is refused.
func TestStartErrors(t *testing.T) {
	t.Parallel()
	n := startNode(t, NodeConfig{})
	const second = "for a second node on this machine: go run . start -listen :"
	free := []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0"}
	seed := " -bootstrap " + n.Addr().String() + "\n"
	tests := []struct {
		name string
		args []string
		code int
		want []string // in stderr
	}{
		{"rpc taken", []string{"-rpc", n.RPCAddr(), "-listen", "127.0.0.1:5"}, 1, []string{"-rpc " + n.RPCAddr() + ": ", second, seed}},
		{"port taken", []string{"-rpc", "127.0.0.1:0", "-listen", n.Addr().String()}, 1, []string{"-listen " + n.Addr().String() + ": ", second, seed}},
		{"directory taken", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:5", "-data", n.config.Data}, 1, []string{second, seed}},
		{"rpc for all", []string{"-rpc", "0.0.0.0:0", "-listen", "127.0.0.1:0"}, 1, []string{"-rpc 0.0.0.0:0: ", "loopback"}},
		{"rpc for some", []string{"-rpc", "192.0.2.1:9999", "-listen", "127.0.0.1:0"}, 1, []string{"-rpc 192.0.2.1:9999: ", "loopback"}},
		{"rpc without host", []string{"-rpc", ":0", "-listen", "127.0.0.1:0"}, 2, []string{"flag -rpc: give HOST:PORT"}},

		{"no such port", []string{"-listen", ":80000"}, 2, []string{`":80000" for flag -listen: give HOST:PORT, where PORT is a number from 0 to 65535`}},
		{"no port", []string{"-listen", "x"}, 2, []string{"flag -listen: give HOST:PORT"}},
		{"not this machine's", []string{"-rpc", "127.0.0.1:0", "-listen", "203.0.113.1:5678"}, 1, []string{"-listen 203.0.113.1:5678: "}},

		{"pool of nothing", append(free, "-pool-size", "0"), 2, []string{"flag -pool-size: give a whole number from 1 to 5000"}},
		{"hexadecimal pool", append(free, "-pool-size", "0x2"), 2, []string{"flag -pool-size: give a whole number"}},
		{"pool too large", append(free, "-pool-size", "5001"), 2, []string{"flag -pool-size: give a whole number"}},

		{"seed without port", []string{"-bootstrap", "localhost"}, 2, []string{`flag -bootstrap: "localhost": give HOST:PORT`}},
		{"seed without host", []string{"-bootstrap", ":5678"}, 2, []string{"flag -bootstrap: ", "give HOST:PORT"}},
		{"seed at port 0", []string{"-bootstrap", "h:0"}, 2, []string{"flag -bootstrap: ", "a number from 1 to 65535"}},
		{"seed beyond all ports", []string{"-bootstrap", "h:99999"}, 2, []string{"flag -bootstrap: ", "a number from 1 to 65535"}},
		{"seed with a word for a port", []string{"-bootstrap", "h:abc"}, 2, []string{"flag -bootstrap: ", "a number from 1 to 65535"}},
		{"second seed bad", []string{"-bootstrap", "h:1, h"}, 2, []string{`flag -bootstrap: "h": give HOST:PORT`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"start"}, tt.args...)
			if !slices.Contains(args, "-data") {
				args = append(args, "-data", t.TempDir())
			}
			code, _, stderr := runCommand(args...)
			if code != tt.code || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, want %d; stderr %q, want one line", code, tt.code, stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr %q, want %q in it", stderr, want)
				}
			}
		})
	}
}

func TestBootstrapAddresses(t *testing.T) {
	var o options
	c := &command{name: "start", flags: startFlags}
	if err := c.parse(&o, []string{"-bootstrap", " a:1 , b:2"}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a:1", "b:2"}; !slices.Equal(o.node.Bootstrap, want) {
		t.Errorf("got %q, want %q", o.node.Bootstrap, want)
	}
}

// The address for a second machine is one that it can reach.
func TestOnSecondMachine(t *testing.T) {
	tests := []struct{ name, listen, machine, want string }{
		{"every address", "[::]:5678", "192.168.1.7", "go run . start -bootstrap 192.168.1.7:5678"},
		{"every IPv4 address", "0.0.0.0:5679", "2001:db8::1", "go run . start -bootstrap [2001:db8::1]:5679"},
		{"no network", "[::]:5678", "", "nothing yet: this machine is on no network"},
		{"one address", "10.1.2.3:5678", "192.168.1.7", "go run . start -bootstrap 10.1.2.3:5678"},
		{"loopback", "127.0.0.1:5678", "192.168.1.7", "nothing: no other machine reaches -listen 127.0.0.1:5678"},
	}
	for _, tt := range tests {
		machine, _ := netip.ParseAddr(tt.machine)
		if got := onSecondMachine(netip.MustParseAddrPort(tt.listen), machine); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}

	// By the default route, from whatever other networks this machine is on.
	conn, err := net.Dial("udp", "198.51.100.1:9")
	if err != nil {
		t.Skip("no default route")
	}
	defer conn.Close()
	if want, _, _ := net.SplitHostPort(conn.LocalAddr().String()); machineAddr().String() != want {
		t.Errorf("machine's address is %s, want %s", machineAddr(), want)
	}
}

// The command for one more node is never that of the node that it is for.
func TestSecondNodeHasItsOwnDirectory(t *testing.T) {
	for _, data := range []string{"data", "data2", "./data2", "data3"} {
		command := NodeConfig{Data: data}.second("127.0.0.1:5678")
		if words := strings.Fields(command); slices.Contains(words, filepath.Clean(data)) {
			t.Errorf("-data %s is in use: %s", data, command)
		}
	}
}

// A node that is interrupted says so when it has ended.
func TestStartIsInterrupted(t *testing.T) {
	data := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"start", "-listen", "127.0.0.1:0", "-rpc", "127.0.0.1:0", "-data", data}, &stdout, &stderr)
	if code != 0 || !strings.HasSuffix(stderr.String(), "\nstopped; everything is saved\n") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	openNode(t, NodeConfig{Data: data}).close()
}

// Of genesis blocks made at once only one starts the chain, and the wallets of
// the others are taken back.
func TestLostGenesisLeavesNoWallet(t *testing.T) {
	n := startNode(t, NodeConfig{})
	cli := &Cli{n.Node}
	var starting sync.WaitGroup
	var started atomic.Int64
	for range 8 {
		starting.Go(func() {
			var address string
			if cli.CreateGenesisBlock("", &address) == nil {
				started.Add(1)
			}
		})
	}
	starting.Wait()
	if got := len(n.wallets.Addresses()); got != 1 || started.Load() != 1 {
		t.Errorf("%d chains started, %d wallets; want one of each", started.Load(), got)
	}
}
