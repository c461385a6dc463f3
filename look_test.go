package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"gosimpleblockchain/view"
)

// Facts to show. A hash is that of a number, an address that of a test wallet.

func sampleHash(n int) string { return sha256Hex(fmt.Append(nil, "sample ", n)) }

const (
	sampleAlice   = "1BZKXZE87G5g6ykMH3kjPVq93arT6Cgnf"
	sampleBob     = "15AaKGAtgWtrhUAKm5eQF19Sbd3oFNUqHz"
	sampleXiao    = "1PREzQnV3Yxt4eERXvEXnC7kWoVLV4xNHS"
	sampleUnnamed = "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r"
)

// sampleRows makes rows from words like "c3=30<20": block 30 at height 3, on
// block 20. It begins with c on the chain, with b beside it.
func sampleRows(t testing.TB, words string) (rows []view.Row) {
	t.Helper()
	for word := range strings.FieldsSeq(words) {
		var height, hash, prev int
		if _, err := fmt.Sscanf(word[1:], "%d=%d<%d", &height, &hash, &prev); err != nil {
			t.Fatal(word, err)
		}
		rows = append(rows, view.Row{
			Height:    height,
			Hash:      sampleHash(hash),
			Prev:      sampleHash(prev),
			Timestamp: fmt.Sprintf("%d.5", 1767268800+height*30),
			Txs:       1 + hash%3,
			Miner:     sampleAlice,
			MinerName: "alice",
			OnChain:   word[0] == 'c',
		})
	}
	return rows
}

func sampleRules(states ...string) (rules []view.Rule) {
	for i, state := range states {
		r := view.Rule{Name: "ErrRule", Text: view.Words{EN: fmt.Sprintf("rule %d stands here", i)}, State: state}
		if state == view.RuleBroken {
			r.Why = fmt.Sprintf("%s: input 0: coin is already spent: %s:0 by %s, and more words that do not fit in",
				sampleHash(1), sampleHash(2), sampleHash(3))
		}
		rules = append(rules, r)
	}
	return rules
}

// sampleTx is alice's payment to bob, or a coinbase.
func sampleTx(n int, coinbase bool) view.Tx {
	tx := view.Tx{TxID: sampleHash(n), Coinbase: coinbase}
	if coinbase {
		tx.Outputs = []view.Output{{Value: 1000, Address: sampleAlice, Name: "alice"}}
		return tx
	}
	tx.Inputs = []view.Input{{TxID: sampleHash(n + 1), Vout: 2, Owner: sampleAlice, OwnerName: "alice", Value: 1000}}
	tx.Outputs = []view.Output{
		{Value: 100, Address: sampleBob, Name: "bob", Spent: true},
		{Value: 900, Address: sampleAlice, Name: "alice", Change: true},
	}
	return tx
}

// sampleBlock is a block of the chain with a number of transactions.
func sampleBlock(height, txs int) view.Block {
	b := view.Block{
		Row: view.Row{
			Height: height, Hash: sampleHash(10), Prev: sampleHash(11), Timestamp: "1767268800.25", Txs: txs,
			Bytes: 614 * txs, Miner: sampleAlice, MinerName: "alice", OnChain: true,
		},
		Confirmations: 1,
		HashText:      "the header's text",
		Rules:         sampleRules(view.RuleHolds, view.RuleHolds),
	}
	if height > 0 {
		nonce := int64(37)
		b.Nonce, b.Work, b.WorkBits, b.WorkText = &nonce, sampleHash(12), 4, "the work's text"
	} else {
		b.Prev = ""
	}

	var leaves []string
	for i := range txs {
		text := fmt.Sprintf(`{"txid": "%d"}`, i)
		b.LeafTexts = append(b.LeafTexts, text)
		leaves = append(leaves, sha256Hex([]byte(text)))
		b.Transactions = append(b.Transactions, sampleTx(100+i, i == 0))
	}
	b.Merkle = merkleLevels(leaves)
	b.MerkleRoot = MerkleRoot(leaves)
	return b
}

func sampleDetail(state string, tx view.Tx, rules ...string) view.TxDetail {
	d := view.TxDetail{Tx: tx, State: state, Height: -1, Rules: sampleRules(rules...)}
	switch state {
	case view.TxInBlock:
		d.Height, d.BlockHash, d.Confirmations = 2, sampleHash(10), 3
	case view.TxInBranch:
		d.Height, d.BlockHash = 2, sampleHash(10)
	case view.TxInPool:
		d.Waits = "waits for 1 more in the pool"
	case view.TxDropped:
		d.Reason = "coin is already spent: " + sampleHash(4) + ":0 by " + sampleHash(5)
	}
	d.IDText, d.SigningTexts, d.LeafText, d.Leaf = "the id's text", []string{"what is signed"}, "the leaf's text", sampleHash(6)
	return d
}

// screenOf returns what a function prints, at a clock two hours ahead of UTC.
func screenOf(show func(*options)) string {
	var s strings.Builder
	show(&options{stdout: &output{Writer: &s}, zone: time.FixedZone("", 2*60*60)})
	return s.String()
}

func chainScreen(c view.Chain) string  { return screenOf(func(o *options) { o.showChain(c) }) }
func blockScreen(b view.Block) string  { return screenOf(func(o *options) { o.showBlock(b) }) }
func txScreen(tx view.TxDetail) string { return screenOf(func(o *options) { o.showTx(tx) }) }
func historyScreen(h view.History) string {
	return screenOf(func(o *options) { o.showHistory(h) })
}

// What the terminal shows stands in testdata/look.txt, a section a case. To write
// it anew, and then look at each change: UPDATE_LOOK=1 go test -run TestLook .
func TestLook(t *testing.T) {
	rows := func(words string) view.Chain { return view.Chain{Blocks: sampleRows(t, words)} }
	lanes := "c2=2<1"
	for i := range 8 {
		lanes += fmt.Sprintf(" b2=%d<1", 20+i)
	}
	manyTxs, _, _ := strings.Cut(blockScreen(sampleBlock(3, 33)), "\ntransaction 2 ")
	aside := sampleBlock(3, 1)
	aside.OnChain, aside.Rules = false, sampleRules(view.RuleHolds, view.RuleUnchecked)
	broken := sampleBlock(3, 1)
	broken.Rules = sampleRules(view.RuleHolds, view.RuleBroken, view.RuleUnchecked)
	hostile := sampleBlock(3, 1)
	hostile.Timestamp, hostile.HashText = "\x1b[2J", "red \x1b[31m\x00 'quoted'"
	long := sampleBlock(3, 2)
	long.MinerName = strings.Repeat("名", maxName)
	long.Transactions[1].Outputs[0].Name = strings.Repeat("名", maxName)
	long.Transactions[1].Inputs[0].Value = unknownCoin

	stranger := sampleTx(100, false)
	stranger.Inputs[0].OwnerName, stranger.Outputs[0].Name = "", ""
	stranger.Inputs[0].Owner, stranger.Outputs[0].Address = sampleUnnamed, sampleXiao
	stranger.Outputs[0].SpentBy = sampleHash(7)

	history := view.History{Address: sampleXiao, Name: "王小明", Balance: 150, Waiting: -50, Omitted: 1}
	for height := range 12 {
		change := view.Balance{Height: 20 - height, Timestamp: fmt.Sprint(1767268800 - height), Got: 1000, After: int64(12000 - 1000*height)}
		for n := range 1 + height%4 {
			change.TxIDs = append(change.TxIDs, sampleHash(50+n))
		}
		if height%3 == 1 {
			change.Paid = 900
		}
		history.Changes = append(history.Changes, change)
	}

	holds, brokenRule, unchecked := view.RuleHolds, view.RuleBroken, view.RuleUnchecked
	tests := []struct{ name, got string }{
		{"chain of one block", chainScreen(view.Chain{Blocks: sampleRows(t, "c0=1<0")})},
		{"chain without branches", chainScreen(rows("c2=3<2 c1=2<1 c0=1<0"))},
		{"chain with a branch", chainScreen(rows("c4=5<4 c3=4<3 b3=14<13 c2=3<2 b2=13<2 c1=2<1 c0=1<0"))},
		{"chain with two branches at one block", chainScreen(rows("c2=3<2 b2=13<2 b2=23<2 c1=2<1 c0=1<0"))},
		{"chain with a branch of a branch", chainScreen(rows("c4=5<4 c3=4<3 b3=14<13 b3=24<13 c2=3<2 b2=13<2 c1=2<1 c0=1<0"))},
		{"chain with branches one after another", chainScreen(rows("c4=5<4 b4=15<4 c3=4<3 c2=3<2 b2=13<2 c1=2<1 c0=1<0"))},
		{"chain with a branch inside another", chainScreen(rows("c4=5<4 b4=15<14 b4=25<4 c3=4<3 b3=14<13 c2=3<2 b2=13<2 c1=2<1"))},
		{"chain whose fork point is not listed", chainScreen(rows("c4=5<4 b4=15<14 c3=4<3 b3=14<13"))},
		{"chain with more branches than lanes", chainScreen(rows(lanes + " c1=1<0"))},
		{"chain with blocks left out", chainScreen(view.Chain{Blocks: sampleRows(t, "c0=1<0"), Omitted: 3})},

		{"block 0", blockScreen(sampleBlock(0, 1))},
		{"block with 1 transaction", blockScreen(sampleBlock(3, 1))},
		{"block with 2 transactions", blockScreen(sampleBlock(3, 2))},
		{"block with 3 transactions", blockScreen(sampleBlock(3, 3))},
		{"block with 33 transactions", manyTxs},
		{"block beside the chain", blockScreen(aside)},
		{"block with a broken rule", blockScreen(broken)},
		{"block with a hostile time", blockScreen(hostile)},
		{"block with long names, and a coin not known", blockScreen(long)},
		{"texts of a block", screenOf(func(o *options) { o.showBlockBytes(sampleBlock(3, 3)) })},
		{"texts of block 0", screenOf(func(o *options) { o.showBlockBytes(sampleBlock(0, 1)) })},
		{"texts of a hostile block", screenOf(func(o *options) { o.showBlockBytes(hostile) })},

		{"tx in a block", txScreen(sampleDetail(view.TxInBlock, sampleTx(100, false), holds, holds))},
		{"tx of strangers", txScreen(sampleDetail(view.TxInBlock, stranger, holds))},
		{"tx in a branch", txScreen(sampleDetail(view.TxInBranch, sampleTx(100, false), holds, unchecked))},
		{"tx in the pool", txScreen(sampleDetail(view.TxInPool, sampleTx(100, false), holds))},
		{"tx dropped", txScreen(sampleDetail(view.TxDropped, sampleTx(100, false), holds, brokenRule, unchecked))},
		{"tx that is a coinbase", txScreen(sampleDetail(view.TxInBlock, sampleTx(100, true), holds))},
		{"texts of a tx", screenOf(func(o *options) {
			o.showTxBytes(sampleDetail(view.TxInBlock, sampleTx(100, false)))
		})},

		{"history", historyScreen(history)},
		{"history of nothing", historyScreen(view.History{Address: sampleUnnamed})},
		{"wallets", screenOf(func(o *options) {
			o.showWallets([]view.Wallet{
				{Address: sampleAlice, Name: "alice", Confirmed: 1900, Waiting: -5, Total: 1895},
				{Address: sampleXiao, Name: strings.Repeat("名", maxName)},
				{Address: sampleUnnamed},
			})
		})},
	}

	path := filepath.Join("testdata", "look.txt")
	want := make(map[string]string)
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(string(raw), "=== ") {
		name, text, _ := strings.Cut(section, "\n")
		want[name] = text
	}

	var all strings.Builder
	for _, tt := range tests {
		fmt.Fprintf(&all, "=== %s\n%s", tt.name, tt.got)
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != want[tt.name] {
				t.Errorf("got\n%s\nwant\n%s", tt.got, want[tt.name])
			}
			if !strings.HasPrefix(tt.name, "texts of") {
				checkScreen(t, tt.got)
			}
		})
	}
	if os.Getenv("UPDATE_LOOK") != "" {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// checkScreen checks that a text fits into a terminal, and is no more than text.
func checkScreen(t testing.TB, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if textWidth(line) > lineWidth {
			t.Errorf("%d columns: %q", textWidth(line), line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Errorf("%q in %q", r, line)
			}
		}
	}
}

// Whatever the facts are, lines fit, and no text is taken for a command to the
// terminal.
func TestLookFits(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		word := func() string {
			letters := []rune("abcXYZ019 名前あ한\x1b\x00\n\t\u202e<>")
			text := make([]rune, r.IntN(maxName+1))
			for i := range text {
				text[i] = letters[r.IntN(len(letters))]
			}
			return string(text)
		}
		name := func() string { return strings.Repeat("名", r.IntN(maxName+1)) }

		// A tree in which each block stands on a random one below it.
		var c view.Chain
		below := []int{0}
		var levels [][]view.Row
		hash := 0
		for height := range 1 + r.IntN(12) {
			var level []view.Row
			var here []int
			for n := range 1 + r.IntN(4) {
				hash++
				parent := below[0]
				if n > 0 {
					parent = below[r.IntN(len(below))]
				}
				here = append(here, hash)
				level = append(level, view.Row{
					Height: height + r.IntN(2)*900_000, Hash: sampleHash(hash), Prev: sampleHash(parent),
					Timestamp: word(), Txs: r.IntN(10_001), Miner: word(), MinerName: name(), OnChain: n == 0,
				})
			}
			levels, below = append(levels, level), here
		}
		for i := range levels {
			c.Blocks = append(c.Blocks, levels[len(levels)-1-i]...)
		}

		b := sampleBlock(r.IntN(2)*3, 1+r.IntN(20))
		b.MinerName, b.Miner, b.Timestamp = name(), sampleAlice, word()
		b.Rules = sampleRules(view.RuleHolds, view.RuleBroken)
		b.Rules[1].Why = word() + " " + word() + " " + word() + " " + word()
		for i := range b.Transactions {
			for o := range b.Transactions[i].Outputs {
				out := &b.Transactions[i].Outputs[o]
				out.Name, out.Address, out.Value = name(), word(), r.Int64N(maxValue)+1
			}
		}

		tx := sampleDetail([]string{view.TxInBlock, view.TxInBranch, view.TxInPool, view.TxDropped}[r.IntN(4)],
			sampleTx(100, r.IntN(2) == 0), view.RuleHolds, view.RuleBroken, view.RuleUnchecked)
		tx.Waits, tx.Reason = word()+" "+sampleHash(1)+" "+word(), word()+" "+sampleHash(2)+" "+word()+" "+word()

		h := view.History{Address: sampleXiao, Name: name(), Waiting: r.Int64N(1_000_000)}
		for range r.IntN(5) {
			change := view.Balance{Height: r.IntN(1_000_000), Timestamp: word(), Got: r.Int64N(10_000_000), Paid: r.Int64N(10_000_000), After: r.Int64N(1_000_000_000)}
			for n := range r.IntN(300) {
				change.TxIDs = append(change.TxIDs, sampleHash(n))
			}
			h.Changes = append(h.Changes, change)
		}

		for _, screen := range []string{chainScreen(c), blockScreen(b), txScreen(tx), historyScreen(h)} {
			checkScreen(t, screen)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// forkedNode is a node whose chain has three blocks, a payment from alice to bob
// in the second, and a block beside the third.
func forkedNode(t *testing.T) (n *testNode, payment string) {
	t.Helper()
	n = startNode(t, NodeConfig{PoolSize: 1})
	alice := n.address("genesis_block", "-name", "alice")
	bob := n.address("createwallet", "-name", "bob")
	n.send(alice, bob, 100)
	n.do("mine")

	first := must(n.chain.BlockAt(1))(t)
	add(t, n.chain, mine(t, first, testWallet(t, 0), 7))
	return n, first.Transactions[1].TxID
}

// Each error is one sentence, with the command to type next.
func TestLookErrors(t *testing.T) {
	empty := startNode(t, NodeConfig{})
	n, _ := forkedNode(t)
	const (
		noChain = "no chain yet: start one with `go run . genesis_block`"
		digits  = " is no height, and not 6 digits or more of a hash: `go run . chain` lists both"
		whole   = "give a whole number from "
	)
	tests := []struct {
		node    *testNode
		command string
		code    int
		want    string
	}{
		{empty, "chain", 1, noChain},
		{empty, "chain -all -json", 1, noChain},
		{empty, "block last", 1, noChain},
		{empty, "block 0", 1, noChain},
		{empty, "tx abcdef", 1, "no transaction here begins with abcdef: `go run . pool` and `go run . block last` list some"},
		{empty, "history alice", 1, "not an address: \"alice\", nor the name of a wallet here: `go run . wallet` lists both"},

		{n, "chain 5", 2, "chain: \"5\" is one argument too many: see `go run . chain -h`"},
		{n, "chain -n 0", 2, `chain: invalid value "0" for flag -n: ` + whole + "1 to 1000000: see `go run . chain -h`"},
		{n, "chain -n x", 2, `chain: invalid value "x" for flag -n: ` + whole + "1 to 1000000: see `go run . chain -h`"},
		{n, "chain -bytes", 2, "chain: flag provided but not defined: -bytes: see `go run . chain -h`"},

		{n, "block", 2, "block: HEIGHT|HASH|last is missing: see `go run . block -h`"},
		{n, "block 1 2", 2, "block: \"2\" is one argument too many: see `go run . block -h`"},
		{n, "block 3", 1, "no such block at height 3: the last one is `go run . block 2`"},
		{n, "block -1", 1, `"-1"` + digits},
		{n, "block first", 1, `"first"` + digits},
		{n, "block abcde", 1, `"abcde"` + digits},
		{n, "block abcdeg", 1, `"abcdeg"` + digits},
		{n, "block abcdef", 1, "no such block with a hash that begins with abcdef: `go run . chain -all` lists those that are"},

		{n, "tx", 2, "tx: TXID is missing: see `go run . tx -h`"},
		{n, "tx 12345", 1, "\"12345\" is not 6 digits or more of a txid: `go run . block last` and `go run . pool` list them"},
		{n, "tx last", 1, "\"last\" is not 6 digits or more of a txid: `go run . block last` and `go run . pool` list them"},
		{n, "tx abcdef", 1, "no transaction here begins with abcdef: `go run . pool` and `go run . block last` list some"},

		{n, "history", 2, "history: ADDRESS is missing: see `go run . history -h`"},
		{n, "history carol", 1, "not an address: \"carol\", nor the name of a wallet here: `go run . wallet` lists both"},
		{n, "history 15AaKGAtgWtrhUAKm5eQF19Sbd3oFNUqHy", 1,
			"address is mistyped: its checksum does not match: \"15AaKGAtgWtrhUAKm5eQF19Sbd3oFNUqHy\": copy one from `go run . wallet`"},
		{n, "history bob -n -1", 2, `history: invalid value "-1" for flag -n: ` + whole + "0 to 1000000: see `go run . history -h`"},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			code, stdout, stderr := tt.node.try(strings.Fields(tt.command)...)
			stderr = strings.ReplaceAll(stderr, " -rpc "+tt.node.RPCAddr(), "")
			if code != tt.code || stderr != tt.want+"\n" || stdout != "" {
				t.Errorf("exit code %d, want %d\ngot  %q\nwant %q\nstdout %q", code, tt.code, stderr, tt.want+"\n", stdout)
			}
		})
	}
}

// A hint, on stderr, names a command that works as it is printed.
func TestLookHints(t *testing.T) {
	n, payment := forkedNode(t)
	short := payment[:8]
	nobody := testWallet(t, 1).Address()
	block := must(n.chain.BlockAt(1))(t).Header.Hash[:8]
	tests := []struct{ command, want string }{
		{"chain", "see `go run . block 2`, and `go run . chain -all` for 1 block beside the chain"},
		{"chain -all", "● is on the chain, ○ beside it; see `go run . block 2`"},
		{"block 1", "see `go run . tx " + short + "`, and `go run . block " + block + " -bytes` for the texts that are hashed"},
		{"tx " + short, "see `go run . history bob`, and `go run . tx " + short + " -bytes` for the texts that are hashed"},
		{"history bob", "see `go run . tx " + short + "`"},
		{"history " + nobody, "no block has paid this address: `go run . wallet` lists those of this node"},
	}
	for _, tt := range tests {
		code, stdout, stderr := n.try(strings.Fields(tt.command)...)
		got := strings.ReplaceAll(stderr, " -rpc "+n.RPCAddr(), "")
		if code != 0 || got != tt.want+"\n" {
			t.Errorf("%s: exit code %d\ngot  %q\nwant %q", tt.command, code, got, tt.want+"\n")
		}
		checkScreen(t, stdout)

		for _, quoted := range quotedCommand.FindAllString(stderr, -1) {
			args := strings.Fields(strings.TrimPrefix(strings.Trim(quoted, "`"), "go run . "))
			if code, _, stderr := runCommand(args...); code != 0 {
				t.Errorf("%s: %s fails: %s", tt.command, quoted, stderr)
			}
		}
	}
}

// What -json prints are the facts of package view, all of them and no others.
func TestLookJSON(t *testing.T) {
	n, payment := forkedNode(t)
	tests := []struct {
		command string
		facts   any
	}{
		{"chain", &view.Chain{}},
		{"chain -all -n 1", &view.Chain{}},
		{"block 0", &view.Block{}},
		{"block 1 -bytes", &view.Block{}},
		{"tx " + payment, &view.TxDetail{}},
		{"history alice", &view.History{}},
		{"history " + testWallet(t, 1).Address(), &view.History{}},
	}
	for _, tt := range tests {
		code, stdout, stderr := n.try(append(strings.Fields(tt.command), "-json")...)
		if code != 0 || stderr != "" || strings.Count(stdout, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, %q", tt.command, code, stdout, stderr)
		}

		d := json.NewDecoder(strings.NewReader(stdout))
		d.DisallowUnknownFields()
		if err := d.Decode(tt.facts); err != nil {
			t.Errorf("%s: %v", tt.command, err)
		}
		again := must(json.Marshal(tt.facts))(t)
		if !bytes.Equal(append(again, '\n'), []byte(stdout)) {
			t.Errorf("%s: got\n%s\nand read and written again\n%s", tt.command, stdout, again)
		}
	}

	// Without -all, what stands beside the chain is left out of the facts, too.
	for command, want := range map[string]int{"chain": 3, "chain -all": 4, "chain -n 1": 1, "chain -all -n 1": 2} {
		var c view.Chain
		if err := json.Unmarshal([]byte(n.do(append(strings.Fields(command), "-json")...)), &c); err != nil || len(c.Blocks) != want {
			t.Errorf("%s: %d blocks, want %d; %v", command, len(c.Blocks), want, err)
		}
	}
}

// What -bytes prints is what is hashed: each text has the hash that stands below it.
func TestLookBytes(t *testing.T) {
	n, payment := forkedNode(t)
	beside := json.RawMessage(n.do("chain", "-all", "-n", "1", "-json"))
	var c view.Chain
	if err := json.Unmarshal(beside, &c); err != nil {
		t.Fatal(err)
	}

	for command, want := range map[string]int{
		"block 0":                   2, // header, leaf
		"block 1":                   5, // header, work, two leaves, root
		"block " + c.Blocks[1].Hash: 3,
		"tx " + payment:             3, // id, input, leaf
	} {
		lines := strings.Split(strings.TrimSuffix(n.do(append(strings.Fields(command), "-bytes")...), "\n"), "\n")
		if len(lines) != 3*want {
			t.Errorf("%s: %d lines, want %d", command, len(lines), 3*want)
			continue
		}
		for i := 0; i < len(lines); i += 3 {
			if got := "= " + sha256Hex([]byte(lines[i+1])); got != lines[i+2] {
				t.Errorf("%s: %s\n%s\ngot %s, want %s", command, lines[i], lines[i+1], got, lines[i+2])
			}
		}
	}
}
