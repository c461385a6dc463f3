package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// B41, B3, B42 and the rest of what a user may get wrong: each its own error,
// on one line, that says what to do next.
func TestCommandErrors(t *testing.T) {
	n := startNode(t, NodeConfig{})
	var stdout, stderr bytes.Buffer
	code := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return run(context.Background(), args, &stdout, &stderr)
	}
	rpcFlag := []string{"-rpc", n.RPCAddr()}
	foreign := testWallet(t, 0).Address()
	if code(append([]string{"print", "0"}, rpcFlag...)...) != 1 || !strings.Contains(stderr.String(), "genesis_block") {
		t.Errorf("print without a chain: %s", stderr.String())
	}
	genesis := n.address("genesis_block")
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
			args := slices.Insert(slices.Clone(tt.args), 1, rpcFlag...)
			if tt.name == "unknown command" {
				args = tt.args
			}
			if got := code(args...); got != tt.code || !strings.Contains(stderr.String(), tt.want) || stdout.Len() != 0 {
				t.Errorf("exit code %d, want %d; stderr %q, want %q in it; stdout %q", got, tt.code, stderr.String(), tt.want, stdout.String())
			}
			if tt.code == 1 && strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("stderr is not one line: %q", stderr.String())
			}
		})
	}
	if got := n.do("balance", genesis); got != genesis+" balance is 1000\n" {
		t.Errorf("after all that: %s", got)
	}
}

// B3: an amount that is negative or zero, or a wallet that is empty, makes no
// transaction at all.
func TestSendNothing(t *testing.T) {
	n := quietNode(t, 1)
	cli := &Cli{n}
	rich, poor := call(t, cli.CreateGenesisBlock, ""), call(t, cli.CreateWallet, "")
	var hint string
	for _, args := range []SendArgs{
		{rich, poor, -500}, {rich, poor, 0}, {rich, poor, -1 << 63}, {poor, rich, 0}, {poor, rich, 1}, {rich, poor, 1001},
		{rich, poor, 21e12 + 1}, {rich, poor, 1<<63 - 1},
	} {
		if err := cli.Send(args, &hint); err == nil || len(n.pool.Transactions()) != 0 {
			t.Errorf("%d from %s is sent: %s", args.Amount, args.From, hint)
		}
	}
	if got := call(t, cli.Balance, rich); got != 1000 {
		t.Errorf("balance is %d, want 1000", got)
	}
}

// B41: a second genesis_block, here or on a node that has synced, makes no
// wallet and no block.
func TestSecondGenesisBlock(t *testing.T) {
	n := quietNode(t, 2)
	cli := &Cli{n}
	call(t, cli.CreateGenesisBlock, "")
	before := bucketDump(t, n.chain)
	var address string
	if err := cli.CreateGenesisBlock("", &address); !errors.Is(err, ErrChainExists) || address != "" {
		t.Errorf("address %q, error %v, want ErrChainExists", address, err)
	}
	if bucketDump(t, n.chain) != before || len(n.wallets.Addresses()) != 1 {
		t.Error("it left a trace")
	}
}

func TestNoNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.stop() // its port is free now
	var stderr bytes.Buffer
	code := run(context.Background(), []string{"printwallet", "-rpc", n.RPCAddr()}, io.Discard, &stderr)
	if want := "no node answers on " + n.RPCAddr() + ": start one with `go run . start`\n"; code != 1 || stderr.String() != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr.String(), want)
	}
}

// B33: a taken port or directory is an error, with the whole command for a
// second node in it. An RPC address that others can reach is refused.
func TestStartErrors(t *testing.T) {
	n := startNode(t, NodeConfig{})
	data := n.config.Data
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"rpc taken", []string{"-rpc", n.RPCAddr(), "-listen", "127.0.0.1:0"}, "for a second node on this machine: go run . start -listen"},
		{"port taken", []string{"-rpc", "127.0.0.1:0", "-listen", n.Addr().String()}, "for a second node on this machine: go run . start -listen"},
		{"directory taken", []string{"-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-data", data}, "for a second node on this machine: go run . start -listen"},
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
			var stderr bytes.Buffer
			code := run(context.Background(), args, io.Discard, &stderr)
			if code == 0 || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("exit code %d, %q, want %q in it", code, stderr.String(), tt.want)
			}
		})
	}
}
