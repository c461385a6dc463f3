package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/network"
)

// Each attack on a fresh chain is refused.
func TestAttacksOnFreshChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			o, err := a.play(t.Context(), w, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if o.failure != "" {
				t.Errorf("not refused: %s; the node %s", o.failure, o.answer)
			}
		})
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w, err := openWorld(t.Context(), filepath.Join(t.TempDir(), "chain.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.chain.Close() })
	return w
}

// startClassNode runs a node with what a student's has after a while: a chain,
// named wallets, a payment that waits, and a block beside the chain.
func startClassNode(t *testing.T, dir string) *testNode {
	t.Helper()
	n := startNode(t, NodeConfig{Data: dir, PoolSize: 3})
	n.do("genesis_block", "-name", "alice")
	n.do("createwallet", "-name", "bob")
	n.do("mine", "2")
	n.send("alice", "bob", 10)
	n.do("mine")
	n.send("alice", "bob", 20)

	stranger := testWallet(t, 0)
	beside := mine(t, must(n.chain.BlockAt(1))(t), stranger, 0)
	add(t, n.chain, beside)
	return n
}

// All attacks run on a copy of the chain of a stopped node, whose files stay as
// they are.
func TestAttacksOnStoppedNode(t *testing.T) {
	skipSlow(t)
	dir, temp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	n := startClassNode(t, dir)
	n.stop()
	before := filesIn(t, dir)

	code, stdout, stderr := runCommand("attack", "all", "-data", dir)
	if code != 0 {
		t.Errorf("exit code %d: %s\n%s", code, stderr, stdout)
	}
	checkAttackText(t, stdout, "a copy of the chain of the file "+filepath.Join(dir, "chain.db"), "up to block 6.")
	if after := filesIn(t, dir); after != before {
		t.Errorf("the files were\n%s, and are\n%s", before, after)
	}
	if left := list(t, temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// All attacks run on a copy of the chain of a node that runs, of which nothing
// changes: neither chain nor pool, wallets nor peers.
func TestAttacksOnRunningNode(t *testing.T) {
	t.Parallel()
	skipSlow(t)
	dir := t.TempDir()
	n := startClassNode(t, dir)
	friend := join(t, NodeConfig{}, n)
	friend.awaitTip(n)
	n.await("peer", func() bool {
		peers := n.peers.Peers()
		return len(peers) == 1 && peers[0].Height == 3
	})
	state := func() string {
		s := bucketDump(t, n.chain)
		for _, tx := range n.pool.Transactions() {
			s += string(tx.AppendJSON(nil)) + "\n"
		}
		wallets := must(os.ReadFile(filepath.Join(dir, "wallet.dat")))(t)
		s += string(wallets)
		for _, p := range n.peers.Peers() {
			s += fmt.Sprintln(p.Addr)
		}
		for _, c := range n.discovery.Nodes() {
			s += fmt.Sprintln(c)
		}
		return s
	}

	before := state()
	code, stdout, stderr := n.try("attack", "all")
	if code != 0 {
		t.Errorf("exit code %d: %s\n%s", code, stderr, stdout)
	}
	checkAttackText(t, stdout, "a copy of the chain of the node on "+n.RPCAddr(), "up to block 6.")
	if after := state(); after != before {
		i := 0
		for i < min(len(before), len(after)) && before[i] == after[i] {
			i++
		}
		t.Errorf("the node was …%.300s\nand is …%.300s", before[i:], after[i:])
	}
}

// filesIn returns the name and the content of each file in a directory.
func filesIn(t *testing.T, dir string) string {
	t.Helper()
	var s strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&s, "%s %d bytes %s\n", path, len(content), sha256Hex(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

// checkAttackText checks what `attack all` prints: it begins as wanted, each
// attack has its part, which ends with "refused", and no line is too long.
func checkAttackText(t *testing.T, text string, want ...string) {
	t.Helper()
	first, rest, _ := strings.Cut(text, "\n\n")
	first = strings.ReplaceAll(first, "\n", " ")
	for _, part := range want {
		if !strings.Contains(first, part) {
			t.Errorf("it begins with %q, want %q in it", first, part)
		}
	}

	for _, a := range attacks() {
		_, part, found := strings.Cut(rest, "\n"+a.name+": ")
		if !found {
			_, part, found = strings.Cut("\n"+rest, "\n"+a.name+": ")
		}
		part, _, ended := strings.Cut(part, "\nrefused\n")
		flat := strings.Join(strings.Fields(part), " ")
		switch {
		case !found || !ended:
			t.Errorf("%s: it does not end with a refusal: %.200s", a.name, part)
		case !strings.Contains(flat, "It is checked at "+a.rule.place()+", in "+a.rule.function+"."):
			t.Errorf("%s: no place of the rule in %s", a.name, part)
		case !strings.Contains(part, "  <- "):
			t.Errorf("%s: no bytes are marked in %s", a.name, part)
		}
	}
	if want := fmt.Sprintf("%d of %[1]d refused.", len(attacks())); !strings.Contains(rest, want) {
		t.Errorf("no %q in the end", want)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "<- ") {
			t.Errorf("no room for the note %s", line)
		}
		if width := textWidth(strings.TrimSuffix(line, "\n")); width > lineWidth {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

// The stage is not gullible. What is no lie is not refused, and what is refused
// for another reason, or whether it is a lie or not, does not count.
func TestAttackIsNotRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		name, attack string
		says         string // of the rule, if not what it should
		change       func(f *forgery)
		want         string // in the failure
	}{
		{"honest payment", "theft", "", func(f *forgery) { f.tx = f.honestTx }, "the node took it"},
		{"honest block", "greedy", "", func(f *forgery) { f.blocks = f.honest }, "the node took it"},
		{"honest branch", "long-lie", "", func(f *forgery) { f.blocks = f.honest }, "the node took it"},
		{"honest block before the lie", "greedy", "", func(f *forgery) {
			bad := NewBlock(&f.honest[0].Header, f.blocks[0].Transactions, w.clock)
			f.blocks = []*Block{f.honest[0], work(t, bad)}
		}, "the node took it"},
		{"payment that is known", "theft", "", func(f *forgery) { f.tx = w.blocks[1].Transactions[1] }, "the node said nothing of it"},
		{"payment by another rule", "theft", ErrSignature.Error(), func(*forgery) {}, "but not for"},
		{"block by another rule", "greedy", ErrWork.Error(), func(*forgery) {}, "but not for"},
		{"honest payment is none", "theft", "", func(f *forgery) { f.honestTx = f.tx }, "proves nothing"},
		{"honest block is none", "greedy", "", func(f *forgery) { f.honest = f.blocks }, "proves nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := attackNamed(t, tt.attack)
			a.rule.says = cmp.Or(tt.says, a.rule.says)
			forge := a.forge
			a.forge = func(f *forger) forgery {
				forged := forge(f)
				tt.change(&forged)
				return forged
			}

			o, err := a.play(t.Context(), w, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(o.failure, tt.want) {
				t.Errorf("failure is %q, want %q; the node %s", o.failure, tt.want, o.answer)
			}
		})
	}
}

func attackNamed(t *testing.T, name string) attack {
	t.Helper()
	for _, a := range attacks() {
		if a.name == name {
			return a
		}
	}
	t.Fatalf("no attack %s", name)
	return attack{}
}

// What the pool refuses must not get in by a block either.
func TestAttackInBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct{ attack, want string }{
		{"theft", ""},
		{"shown-key", "in a block that Mallory has mined, it was refused, but not for"},
	} {
		a := attackNamed(t, "theft")
		a.rule.says = attackNamed(t, tt.attack).rule.says

		s, err := openStage(t.Context(), w, t.TempDir())
		t.Cleanup(s.close)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel) // runs first
		if err := s.run(ctx); err != nil {
			t.Fatal(err)
		}
		before, err := s.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		f := w.forger()
		failure, err := s.throwInBlock(ctx, a, f, a.forge(f).tx, before)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(failure, tt.want) || tt.want == "" && failure != "" {
			t.Errorf("%s: failure is %q, want %q", tt.attack, failure, tt.want)
		}
	}
}

// An attack that is refused, and leaves a trace all the same, does not count.
func TestAttackLeavesATrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, err := openStage(t.Context(), w, t.TempDir())
	t.Cleanup(s.close)
	if err != nil {
		t.Fatal(err)
	}
	a := attackNamed(t, "theft")
	refused := record{message: "request refused", facts: []slog.Attr{slog.String("err", ErrNotOwner.Error())}}
	check := func(what string, before snapshot, want bool) (now snapshot) {
		t.Helper()
		now = must(s.snapshot())(t)
		if fault := a.fault(refused, before, now); (fault != "") != want {
			t.Errorf("%s: fault is %q, want one: %t", what, fault, want)
		}
		return now
	}

	now := check("nothing", must(s.snapshot())(t), false)
	f := w.forger()
	tx := f.pay(w.alice, w.bob, 1, w.aliceCoin())
	if err := s.node.pool.Add(t.Context(), tx, false); err != nil {
		t.Fatal(err)
	}
	now = check("a payment in the pool", now, true)
	add(t, s.node.chain, f.mine(w.tip(), w.mallory))
	now = check("a block", now, true)
	check("nothing again", now, false)
}

// The command fails if an attack is not refused, and says which.
func TestAttackCommandFails(t *testing.T) {
	dir := t.TempDir()
	n := startClassNode(t, dir)
	n.stop()

	lie, truth := attacks()[0], attacks()[1]
	forge := truth.forge
	truth.forge = func(f *forger) forgery {
		forged := forge(f)
		forged.tx = forged.honestTx
		return forged
	}
	var stdout, stderr bytes.Buffer
	o := &options{stdout: &output{Writer: &stdout}, stderr: &stderr, rpc: defaultRPC, node: NodeConfig{Data: dir}}
	err := o.runAttacks(t.Context(), []attack{lie, truth})
	if err == nil || err.Error() != "not refused: shown-key" {
		t.Errorf("error is %v", err)
	}
	for _, want := range []string{"\nrefused\n", "\nNOT REFUSED: the node took it.\n", "✓ refused", "✗ NOT REFUSED", "\n1 of 2 refused."} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in %s", want, stdout.String())
		}
	}
}

func TestAttackArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line     string
		code           int
		stdout, stderr string // parts of them
	}{
		{"no name lists all", "attack", 0, "  theft ", "go run . attack theft"},
		{"the list has majority", "attack", 0, "  majority ", ""},
		{"help", "attack -h", 0, "-data directory", ""},
		{"mistyped", "attack thef", 2, "", `there is no attack "thef": ` + "`go run . attack` lists them"},
		{"two names", "attack theft greedy", 2, "", `"greedy" is one argument too many`},
		{"flag of majority", "attack theft -power 30", 2, "", "for `go run . attack majority` only"},
		{"unknown flag", "attack theft -json", 2, "", "-json"},
		{"data without a chain", "attack theft -data " + t.TempDir(), 1, "", "there is no chain in "},
		{"no node at -rpc", "attack theft -rpc 127.0.0.1:1", 1, "", "no node answers on 127.0.0.1:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runCommand(strings.Fields(tt.line)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// Each attack has a name of its own, and all that is told of it in both
// languages; its line of the list fits.
func TestAttackTexts(t *testing.T) {
	seen := make(map[string]bool)
	for _, a := range attacks() {
		if seen[a.name] || a.name == "all" || a.name == "majority" {
			t.Errorf("%s: two of that name", a.name)
		}
		seen[a.name] = true
		for i, w := range []struct{ EN, ZH string }{
			{a.short.EN, a.short.ZH}, {a.wants.EN, a.wants.ZH}, {a.forges.EN, a.forges.ZH},
			{a.rule.text.EN, a.rule.text.ZH}, {a.honest.EN, a.honest.ZH}, {a.article.text.EN, a.article.text.ZH},
		} {
			if w.EN == "" || w.ZH == "" {
				t.Errorf("%s: text %d is missing: %+v", a.name, i, w)
			}
		}
	}

	_, list, _ := runCommand("attack")
	for line := range strings.Lines(list) {
		if textWidth(line) > lineWidth+1 {
			t.Errorf("too long: %s", line)
		}
	}
}

// A chain of which no copy can be made says why.
func TestAttackWithoutCopy(t *testing.T) {
	t.Parallel()
	t.Run("a node uses the directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		startNode(t, NodeConfig{Data: dir}).startChain()
		code, _, stderr := runCommand("attack", "theft", "-data", dir)
		if code != 1 || !strings.Contains(stderr, ErrInUse.Error()) || !strings.Contains(stderr, "-rpc") {
			t.Errorf("exit code %d, %s", code, stderr)
		}
	})
	t.Run("the node has no chain", func(t *testing.T) {
		t.Parallel()
		n := startNode(t, NodeConfig{})
		code, stdout, stderr := n.try("attack", "theft")
		if code != 0 || !strings.Contains(strings.ReplaceAll(stdout, "\n", " "), "Mallory attacks a fresh chain, since the node on "+n.RPCAddr()+" has none yet") {
			t.Errorf("exit code %d, %.500s%s", code, stdout, stderr)
		}
		if n.chain.tip().height != -1 {
			t.Error("the node has a chain now")
		}
	})
	t.Run("the file is too long", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		path := filepath.Join(dir, "chain.db")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, maxCopyBytes+1); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := runCommand("attack", "theft", "-data", dir)
		flat := strings.ReplaceAll(stdout, "\n", " ")
		if code != 0 || !strings.Contains(flat, "Mallory attacks a fresh chain, since that of the file") || !strings.Contains(flat, "is too long to be copied") {
			t.Errorf("exit code %d, %.500s%s", code, stdout, stderr)
		}
	})
	t.Run("the file is no chain", func(t *testing.T) {
		t.Parallel()
		for _, content := range []string{"", "hello", strings.Repeat("hello", 10_000)} {
			dir := t.TempDir()
			path := filepath.Join(dir, "chain.db")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := runCommand("attack", "theft", "-data", dir)
			if code != 1 || stderr == "" {
				t.Errorf("%.9q: exit code %d, %s", content, code, stderr)
			}
			if now := must(os.ReadFile(path))(t); string(now) != content {
				t.Errorf("%.9q: the file has changed", content)
			}
		}
	})
}

// From a peer that is no honest node a chain is not taken, and not waited for
// without end.
func TestFetchChainOfLiar(t *testing.T) {
	t.Parallel()
	genesis := mine(t, nil, testWallet(t, 0), 0)
	tests := []struct {
		name  string
		reply func(network.Msg) []byte
		want  error // nil: any
	}{
		{"hangs up", func(network.Msg) []byte { return nil }, nil},
		{"no JSON", func(network.Msg) []byte { return []byte("hello") }, nil},
		{"no height", func(network.Msg) []byte { return []byte(`{"code": 1, "data": {}}`) }, network.ErrMsg},
		{"no chain", func(network.Msg) []byte { return network.Status{Height: -1}.Msg().Append(nil) }, ErrNoBlock},
		{"too high", func(network.Msg) []byte {
			return network.Status{Height: maxCopyBlocks, Genesis: genesis.AppendJSON(nil)}.Msg().Append(nil)
		}, errTooLong},
		{"no blocks", func(m network.Msg) []byte {
			if m.Code == network.HandShakeMsg {
				return network.Status{Height: 3, Genesis: genesis.AppendJSON(nil)}.Msg().Append(nil)
			}
			return []byte(`{"code": 0, "data": ""}`)
		}, nil},
		{"the same block again", func(m network.Msg) []byte {
			if m.Code == network.HandShakeMsg {
				return network.Status{Height: 3, Genesis: genesis.AppendJSON(nil)}.Msg().Append(nil)
			}
			other := mine(t, genesis, testWallet(t, 1), 0)
			other.Header.Nonce++
			return network.Msg{Code: network.GetBlockMsg, Data: other.AppendJSON(nil)}.Append(nil)
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "chain.db")
			err := fetchChain(t.Context(), answerAll(t, tt.reply), path)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("a part of the chain is left")
			}
		})
	}
}

// answerAll listens until the test ends, and answers each message; nil: it hangs
// up.
func answerAll(t *testing.T, reply func(network.Msg) []byte) netip.AddrPort {
	t.Helper()
	ln := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			decoder := json.NewDecoder(conn)
			for {
				var m network.Msg
				if decoder.Decode(&m) != nil {
					break
				}
				answer := reply(m)
				if answer == nil {
					break
				}
				conn.Write(answer)
			}
			conn.Close()
		}
	}()
	return netip.MustParseAddrPort(ln.Addr().String())
}

// An attack that is stopped says that, and leaves nothing behind.
func TestAttackIsStopped(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	startNode(t, NodeConfig{Data: dir}).startChainAndStop()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	code := run(ctx, []string{"attack", "all", "-data", dir}, stopper{cancel}, &stderr)
	if code != 1 || stderr.String() != "the attack was stopped\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if left := list(t, temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func (n *testNode) startChainAndStop() {
	n.t.Helper()
	n.startChain()
	n.stop()
}

// Notes stand beside the lines that they belong to, and no line is too long.
func TestLayOut(t *testing.T) {
	lines := []shownLine{
		{"a", "one"},
		{"bbbbbb", ""},
		{strings.Repeat("c", 20), "two"},
		{strings.Repeat("d", 70), "three"},
	}
	want := []shownLine{
		{padTo("    a", 72), "  <- one"},
		{"    bbbbbb", ""},
		{padTo("    "+strings.Repeat("c", 20), 70), "  <- two"},
		{"    " + strings.Repeat("d", 70), ""},
		{strings.Repeat(" ", 70), "  <- three"},
	}
	want[0].text = padTo("    a", 70)
	if got := layOut(lines); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
