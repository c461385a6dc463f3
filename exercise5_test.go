//go:build exercise

package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

// The exercises of docs/05-addresses.md.

// tryCommand runs a command line, and returns what it prints and its exit code.
func tryCommand(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return out.String(), errs.String(), code
}

// `go run . validate ADDRESS` needs no node.
func TestExercise5Validate(t *testing.T) {
	const address = "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r" // the article's
	stdout, stderr, code := tryCommand("validate", address)
	if want := address + " is valid\n"; code != 0 || stdout != want {
		t.Errorf("exit code %d, %q, want %q; stderr %q", code, stdout, want, stderr)
	}
	for _, tt := range []struct{ address, want string }{
		{"1LYHea8NjTxaYboXJbR7LemvUZjyQc838r", "mistyped"},
		{"hello", "not an address"},
		{"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "not an address"}, // version 5: a script's
	} {
		stdout, stderr, code := tryCommand("validate", tt.address)
		if code != 1 || stdout != "" || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: exit code %d, %q, want %q in it", tt.address, code, stderr, tt.want)
		}
	}
}

// w.BitcoinAddress() is the address that Bitcoin gives to the same key, with
// the compressed public key: 02 or 03, and X.
func TestExercise5BitcoinAddress(t *testing.T) {
	for i, want := range []string{"1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP"} {
		w, err := ParseWallet(fmt.Sprintf("%064x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		b, ok := any(w).(interface{ BitcoinAddress() string })
		if !ok {
			t.Fatal("a Wallet has no method BitcoinAddress() string yet")
		}
		if got := b.BitcoinAddress(); got != want {
			t.Errorf("key %d: %s, want %s", i+1, got, want)
		}
	}
}

// `go run . createwallet -prefix 1Go` makes keys until an address fits.
func TestExercise5Vanity(t *testing.T) {
	n := startNode(t, NodeConfig{})
	stdout, stderr, code := tryCommand("createwallet", "-prefix", "1Go", "-rpc", n.RPCAddr())
	if code != 0 || !strings.HasPrefix(stdout, "Wallet address is 1Go") {
		t.Fatalf("exit code %d, %q; stderr %q", code, stdout, stderr)
	}
	if got := n.wallets.Addresses(); len(got) != 1 || !strings.HasPrefix(got[0], "1Go") {
		t.Errorf("wallet file has %q, want the one found", got)
	}
	_, stderr, code = tryCommand("createwallet", "-prefix", "1O0", "-rpc", n.RPCAddr())
	if code != 1 {
		t.Errorf("1O0, which no address begins with: exit code %d, want 1; stderr %q", code, stderr)
	}
}
