package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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

	tests := []struct {
		name string
		args []string
		code int
		want string // in stderr
	}{
		{"second genesis block", []string{"genesis_block"}, 1, "there is a chain already"},
		{"negative amount", []string{"send", "--from", genesis, "--to", foreign, "--amount", "-5"}, 1, "amount is -5"},
		{"no amount", []string{"send", "--from", genesis, "--to", foreign}, 1, "amount is 0"},
		{"not there", []string{"send", "--from", genesis, "--to", foreign, "--amount", "1001"}, 1, "has 1000"},
		{"overflow", []string{"send", "--from", genesis, "--to", foreign, "--amount", "9223372036854775808"}, 2, "value out of range"},
		{"mistyped payee", []string{"send", "--from", genesis, "--to", foreign[:20] + "x" + foreign[21:], "--amount", "5"}, 1, "mistyped"},
		{"no address", []string{"send", "--from", genesis, "--to", "hello", "--amount", "5"}, 1, "not an address"},
		{"another's wallet", []string{"send", "--from", foreign, "--to", genesis, "--amount", "5"}, 1, "not in this node's wallet"},
		{"balance of nonsense", []string{"balance", "hello"}, 1, "printwallet"},
		{"no such height", []string{"print", "7"}, 1, "the last one is `go run . print 0`"},
		{"negative height", []string{"print", "--", "-1"}, 1, "no such block"},
		{"no height", []string{"print", "x"}, 2, "not a height"},
		{"too many words", []string{"balance", genesis, genesis}, 2, "takes 1 argument, not 2"},
		{"unknown flag", []string{"balance", "-x", genesis}, 2, "not defined"},
		{"unknown command", []string{"mine"}, 2, "unknown command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := n.try(tt.args...)
			if code != tt.code || !strings.Contains(stderr, tt.want) || stdout != "" {
				t.Errorf("exit code %d, want %d; stderr %q, want %q in it; stdout %q", code, tt.code, stderr, tt.want, stdout)
			}
			if tt.code == 1 && strings.Count(stderr, "\n") != 1 {
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
		if code != 1 || len(n.pool.Transactions()) != 0 {
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

func TestNoNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.stop() // its port is free now
	code, _, stderr := n.try("printwallet")
	if want := "no node answers on " + n.RPCAddr() + ": start one with `go run . start`\n"; code != 1 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
}

// A taken port or directory is an error, with the whole command for a second
// node in it. A Python node swallows it, and the second node's commands go to
// the first. An RPC address that others can reach is refused.
func TestStartErrors(t *testing.T) {
	t.Parallel()
	n := startNode(t, NodeConfig{})
	const second = "for a second node on this machine: go run . start -listen"
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"rpc taken", []string{"-rpc", n.RPCAddr(), "-listen", "127.0.0.1:0"}, second},
		{"port taken", []string{"-rpc", "127.0.0.1:0", "-listen", n.Addr().String()}, second},
		{"directory taken", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-data", n.config.Data}, second},
		{"rpc for all", []string{"-rpc", ":0", "-listen", "127.0.0.1:0"}, "loopback"},
		{"rpc for some", []string{"-rpc", "192.0.2.1:9999", "-listen", "127.0.0.1:0"}, "loopback"},
		{"pool of nothing", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-pool-size", "0"}, "pool size is 0"},
		{"seed without port", []string{"-bootstrap", "localhost"}, "missing port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"start"}, tt.args...)
			if !slices.Contains(args, "-data") {
				args = append(args, "-data", t.TempDir())
			}
			if code, _, stderr := runCommand(args...); code == 0 || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d, %q, want %q in it", code, stderr, tt.want)
			}
		})
	}
}
