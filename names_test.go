package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A name is 1 to 20 letters, digits, - or _, a letter first, of any script: it
// stands in a line of a table, and is no address.
func TestNames(t *testing.T) {
	tests := []struct {
		what, name string
		ok         bool
	}{
		{"one letter", "a", true},
		{"a word", "alice", true},
		{"upper case", "Alice", true},
		{"digits inside", "alice2", true},
		{"hyphen and underscore", "alice-and_bob", true},
		{"20 characters", strings.Repeat("a", 20), true},
		{"Chinese", "小明", true},
		{"20 Chinese characters", strings.Repeat("明", 20), true},
		{"Greek", "αλίκη", true},
		{"Arabic digits behind a letter", "a١", true},

		{"empty", "", false},
		{"21 characters", strings.Repeat("a", 21), false},
		{"21 Chinese characters", strings.Repeat("明", 21), false},
		{"digit first", "1x", false},
		{"hyphen first", "-x", false},
		{"underscore first", "_x", false},
		{"space inside", "al ice", false},
		{"space behind", "alice ", false},
		{"tab", "al\tice", false},
		{"line feed", "alice\n", false},
		{"NUL", "alice\x00", false},
		{"escape sequence", "a\x1b[31m", false},
		{"right-to-left override", "a\u202eb", false},
		{"invisible space", "a\u200bb", false},
		{"quote", "al'ice", false},
		{"backquote", "a`b`", false},
		{"dot", "a.b", false},
		{"slash", "a/b", false},
		{"emoji", "a🙂", false},
		{"letter that nobody sees", "\u3164", false},
		{"the same inside", "a\u115fb", false},
		{"invalid UTF-8", "a\xff", false},
		{"invalid UTF-8 first", "\xc3", false},
		{"replacement character", "a\ufffd", false},
		{"an address", "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r", false},
		{"very long", strings.Repeat("a", 1<<20), false},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			err := checkName(tt.name)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, errName) {
				t.Errorf("error is %v, want a name: %t", err, tt.ok)
			}
			if err != nil && (len(err.Error()) > 400 || err.Error() != printable(err.Error())) {
				t.Errorf("error is not for a terminal: %q", err)
			}
		})
	}
}

// Two wallets have two names, and none may have neither: it is "" then.
func TestNamesAreUnique(t *testing.T) {
	ws := openWallets(t, filepath.Join(t.TempDir(), "wallet.dat"))
	alice := must(ws.Create("alice"))(t)
	must(ws.Create(""))(t)
	must(ws.Create(""))(t)
	must(ws.Create("Alice"))(t)
	if _, err := ws.Create("alice"); !errors.Is(err, errNameTaken) {
		t.Errorf("a second alice: error is %v, want %v", err, errNameTaken)
	}
	if _, err := ws.Create("a b"); !errors.Is(err, errName) {
		t.Errorf("a bad name: error is %v, want %v", err, errName)
	}
	if got := len(ws.Addresses()); got != 4 {
		t.Errorf("%d wallets, want 4", got)
	}

	if owner, err := ws.Resolve("alice"); err != nil || owner.Address() != alice.Address() {
		t.Errorf("alice is %s, %v, want %s", owner.Address(), err, alice.Address())
	}
	if owner, err := ws.Resolve(alice.Address()); err != nil || owner.Address() != alice.Address() {
		t.Errorf("her address is %s, %v", owner.Address(), err)
	}
	if got := ws.Name(alice.Address()); got != "alice" {
		t.Errorf("her name is %q", got)
	}
	for _, unnamed := range []string{ws.Addresses()[1], testWallet(t, 0).Address(), ""} {
		if got := ws.Name(unnamed); got != "" {
			t.Errorf("%q has the name %q", unnamed, got)
		}
	}

	mistyped := alice.Address()[:20] + "0" + alice.Address()[21:]
	for typed, want := range map[string]error{"": ErrAddress, "ALICE": ErrAddress, mistyped: ErrAddress} {
		if _, err := ws.Resolve(typed); !errors.Is(err, want) {
			t.Errorf("%q: error is %v, want %v", typed, err, want)
		}
	}
}

// Names stand in wallet.dat, beside the keys. Files of older nodes have none.
func TestNamesInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	want := []string{"alice", "", "小明"}
	for _, name := range want {
		must(openWallets(t, path).Create(name))(t)
	}
	ws := openWallets(t, path)
	var got []string
	for _, address := range ws.Addresses() {
		got = append(got, ws.Name(address))
	}
	if !slices.Equal(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}

	whole := readFile(t, path)
	older := bytes.ReplaceAll(bytes.ReplaceAll(whole, []byte(`      "name": "alice",`+"\n"), nil), []byte(`      "name": "小明",`+"\n"), nil)
	if bytes.Contains(older, []byte("name")) {
		t.Fatalf("the file is %s", older)
	}
	if err := os.WriteFile(path, older, 0o600); err != nil {
		t.Fatal(err)
	}
	ws = openWallets(t, path)
	if len(ws.Addresses()) != len(want) || ws.Name(ws.Addresses()[0]) != "" {
		t.Errorf("an older file: wallets %q", ws.Addresses())
	}

	// What a person has written into it is refused, and named.
	for old, text := range map[string]string{"小明": "alice", "alice": "1x", `"name": "alice"`: `"name": "al\nice"`} {
		spoiled := bytes.Replace(whole, []byte(old), []byte(text), 1)
		if err := os.WriteFile(path, spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenWallets(path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "wallet ") {
			t.Errorf("%s for %s: error is %v, want one that names the file and the wallet", text, old, err)
		}
		if !bytes.Equal(readFile(t, path), spoiled) {
			t.Error("the file was changed")
		}
	}
}

// A name stands wherever an address may.
func TestNamesInCommands(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	alice := n.address("genesis_block", "-name", "alice")
	bob := n.address("createwallet", "-name", " bob ")
	if got, want := n.do("send", "--from", "alice", "--to", "bob", "--amount", "100"), "send 100 from alice to bob\n"; got != want {
		t.Errorf("send: got %q, want %q", got, want)
	}
	n.send(alice, "bob", 1)
	n.send("bob", alice, 1)
	n.wantBalance("bob", 100)
	n.wantBalance(bob, 100)
	if got, want := n.do("history", "bob"), n.do("history", bob); got != want || !strings.HasPrefix(got, "bob "+bob+"\n") {
		t.Errorf("history of bob: got %q, want %q", got, want)
	}

	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"balance", "carol"}, 1, "not an address: \"carol\", nor the name of a wallet here: `go run . wallet -rpc " + n.RPCAddr() + "` lists both\n"},
		{[]string{"history", "carol"}, 1, "not an address: \"carol\", nor the name of a wallet here: `go run . wallet -rpc " + n.RPCAddr() + "` lists both\n"},
		{[]string{"send", "--from", "carol", "--to", "bob", "--amount", "1"}, 1, "not an address: \"carol\""},
		{[]string{"send", "--from", "bob", "--to", "carol", "--amount", "1"}, 1, "not an address: \"carol\""},
		{[]string{"createwallet", "-name", "bob"}, 1, "bob: there is a wallet of that name already: `go run . wallet -rpc " + n.RPCAddr() + "` lists them\n"},
		{[]string{"createwallet", "-name", "1x"}, 2, "createwallet: invalid value \"1x\" for flag -name: \"1x\" is not a name: give 1 to 20 letters, digits, - or _, a letter first: see `go run . createwallet -h`\n"},
		{[]string{"createwallet", "-name", ""}, 2, "is not a name"},
		{[]string{"genesis_block", "-name", "a b"}, 2, "is not a name"},
		{[]string{"genesis_block", "-name", "carol"}, 1, "there is a chain already"},
	} {
		code, stdout, stderr := n.try(tt.args...)
		if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: exit code %d, %q%q, want %d, %q", tt.args, code, stdout, stderr, tt.code, tt.want)
		}
	}
	if got := len(n.wallets.Addresses()); got != 2 {
		t.Errorf("%d wallets, want 2", got)
	}
}
