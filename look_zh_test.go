package main

import (
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// Commands in Chinese: no label is left in English, all lines fit into a terminal,
// and what stands in a column stands below its title.

// englishPattern matches what the program would only say in English. A wallet's
// name, a txid or a flag is none.
var englishPattern = regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,}\b`)

// chineseScreen runs a command in Chinese.
func (n *testNode) chineseScreen(command string) string {
	n.t.Helper()
	code, screen, hint := n.try(append(strings.Fields(command), "-lang", "zh")...)
	if code != 0 {
		n.t.Fatalf("%s: exit code %d: %s", command, code, hint)
	}

	checkScreen(n.t, screen)
	said := screen + commandPattern.ReplaceAllString(hint, "")
	if english := englishPattern.FindString(said); english != "" {
		n.t.Errorf("%s: it says %q in\n%s", command, english, said)
	}
	return screen
}

// chineseNode is a forked node, where a person with a Chinese name has a payment
// that waits.
func chineseNode(t *testing.T) (n *testNode, payment string) {
	t.Helper()
	n = startNode(t, NodeConfig{PoolSize: 3})
	n.address("genesis_block", "-name", "alice")
	n.address("createwallet", "-name", "王小明")
	n.send("alice", "王小明", 100)
	n.do("mine")
	n.do("mine")

	first := must(n.chain.BlockAt(1))(t)
	add(t, n.chain, mine(t, first, testWallet(t, 0), 7))
	n.send("王小明", "alice", 5)
	return n, first.Transactions[1].TxID
}

func TestChineseScreens(t *testing.T) {
	n, payment := chineseNode(t)
	for _, command := range []string{
		"status", "chain", "chain -all", "block 0", "block 1", "block last", "tx " + payment,
		"tx " + must(n.chain.BlockAt(0))(t).Transactions[0].TxID, "history alice", "history 王小明 -n 1",
		"history " + testWallet(t, 1).Address(), "wallet", "mine",
	} {
		n.chineseScreen(command)
	}

	for _, line := range strings.Split(strings.TrimSpace(n.chineseScreen("status")), "\n") {
		label, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		line = "  " + strings.TrimSpace(line)
		value := strings.TrimSpace(strings.TrimPrefix(line, "  "+label))
		if left, _ := columnsOf(t, line, value); left != factIndent {
			t.Errorf("the value begins in column %d: %q", left, line)
		}
	}
}

// Scripts read the same in each language.
func TestJSONIsNotTranslated(t *testing.T) {
	n, payment := chineseNode(t)
	for _, command := range []string{"chain -all", "block 1", "tx " + payment, "history alice", "wallet", "pool", "peers"} {
		words := append(strings.Fields(command), "-json")
		english, chinese := n.do(words...), n.do(append(words, "-lang", "zh")...)
		if english != chinese {
			t.Errorf("%s: got\n%s\nwant\n%s", command, chinese, english)
		}
	}
}

// columnsOf returns in which column a text of a line begins, and in which it ends.
func columnsOf(t *testing.T, line, text string) (left, right int) {
	t.Helper()
	before, _, found := strings.Cut(line, text)
	if !found {
		t.Fatalf("there is no %q in %q", text, line)
	}
	return textWidth(before), textWidth(before + text)
}

// lineWith returns the first line of a text that has a word.
func lineWith(t *testing.T, text, word string) string {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, word) {
			return line
		}
	}
	t.Fatalf("there is no %q in\n%s", word, text)
	return ""
}

func TestChineseColumns(t *testing.T) {
	o := &options{chinese: true}
	inChineseScreen := func(show func(*options)) string {
		return screenOf(func(o *options) {
			o.chinese = true
			show(o)
		})
	}
	chainRows := sampleRows(t, "c3=4<3 b3=14<3 c2=3<2 c1=2<1 c0=1<0")
	chainRows[0].Height, chainRows[0].Txs = 123456, 7890
	history := view.History{Address: sampleXiao, Name: "王小明", Balance: 150, Waiting: -50, Changes: []view.Balance{
		{Height: 20, Timestamp: "1767268800", Got: 1200, Paid: 1050, After: 150, TxIDs: []string{sampleHash(1)}},
	}}
	peers := []view.Peer{
		{Addr: "127.0.0.1:40001", ID: sampleHash(1)[:40], Height: 4, State: "in step"},
		{Addr: "127.0.0.1:40002", ID: sampleHash(2)[:40], Height: 3, State: "1 block behind"},
	}
	pooled := []view.PoolTx{{Tx: sampleTx(1, false)}, {Tx: sampleTx(2, false)}}

	const leftEdge, rightEdge = 0, 1
	tests := []struct {
		name, screen string
		title        string // that stands in the line of titles
		titles       string // of which this is one
		cell, row    string // of the row that has this
		edge         int
	}{
		{"chain", inChineseScreen(func(o *options) { o.showChain(view.Chain{Blocks: chainRows}) }), "高度", "矿工", "123456", "123456", rightEdge},
		{"chain", "", "哈希", "矿工", sampleHash(3)[:8], sampleHash(3)[:8], leftEdge},
		{"chain", "", "时间", "矿工", "2026", sampleHash(3)[:8], leftEdge},
		{"chain", "", "交易", "矿工", "7890", "123456", rightEdge},
		{"chain", "", "矿工", "矿工", "alice", sampleHash(3)[:8], leftEdge},

		{"history", inChineseScreen(func(o *options) { o.showHistory(history) }), "高度", "余额", "20", "+1200", rightEdge},
		{"history", "", "高度", "余额", "交易池", "交易池", rightEdge},
		{"history", "", "时间", "余额", "2026", "+1200", leftEdge},
		{"history", "", "时间", "余额", "等待进入区块", "交易池", leftEdge},
		{"history", "", "收入", "余额", "+1200", "+1200", rightEdge},
		{"history", "", "付出", "余额", "-1050", "+1200", rightEdge},
		{"history", "", "付出", "余额", "-50", "交易池", rightEdge},
		{"history", "", "余额", "余额", "150", sampleHash(1)[:8], rightEdge},
		{"history", "", "余额", "余额", "100", "交易池", rightEdge},
		{"history", "", "交易", "余额", sampleHash(1)[:8], sampleHash(1)[:8], leftEdge},

		{"wallet", inChineseScreen(func(o *options) {
			o.showWallets([]view.Wallet{
				{Address: sampleAlice, Name: "alice", Confirmed: 1900, Waiting: -5, Total: 1895},
				{Address: sampleXiao, Name: strings.Repeat("名", maxName)},
			})
		}), "名字", "合计", "alice", sampleAlice, leftEdge},
		{"wallet", "", "地址", "合计", sampleAlice, sampleAlice, leftEdge},
		{"wallet", "", "地址", "合计", sampleXiao, sampleXiao, leftEdge},
		{"wallet", "", "已确认", "合计", "1900", sampleAlice, rightEdge},
		{"wallet", "", "待确认", "合计", "-5", sampleAlice, rightEdge},
		{"wallet", "", "合计", "合计", "1895", sampleAlice, rightEdge},

		// These have no titles: one row stands as the other. They are as long as
		// what one may want to copy.
		{"peers", strings.Join(o.peerLines(peers), "\n"), "高度", "40001", "高度", "40002", leftEdge},
		{"pool", strings.Join(o.poolLines(pooled), "\n"), "金额", sampleHash(1), "金额", sampleHash(2), leftEdge},
	}
	var screen string
	for _, tt := range tests {
		if tt.screen != "" {
			screen = tt.screen
			if tt.name != "peers" && tt.name != "pool" {
				checkScreen(t, screen)
			}
		}
		title, row := lineWith(t, screen, tt.titles), lineWith(t, screen, tt.row)
		var want, got [2]int
		want[0], want[1] = columnsOf(t, title, tt.title)
		got[0], got[1] = columnsOf(t, row, tt.cell)
		if got[tt.edge] != want[tt.edge] {
			t.Errorf("%s: %q is at %d, not at %d, where %q is, in\n%s", tt.name, tt.cell, got[tt.edge], want[tt.edge], tt.title, screen)
		}
	}
}

// The attacks and the lab keep to the width of a terminal, too.
func TestChineseIsNotWide(t *testing.T) {
	for _, a := range []majorityAttack{usualMajority(), {power: 60, races: 1}} {
		races := []race{a.draw(rand.New(rand.NewPCG(1, 0)))}
		screen := screenOf(func(o *options) {
			o.chinese = true
			a.tellRules(o)
			a.tellRace(o, races)
			a.tellOdds(o, races)
			a.advise(o)
		})
		checkScreen(t, screen)

		title, row := lineWith(t, screen, "可能范围"), lineWith(t, screen, "0000 %")
		for _, column := range []string{"比赛中", "可能范围", "论文", "精确"} {
			_, want := columnsOf(t, title, column)
			before, after, _ := strings.Cut(row, "%")
			if got := textWidth(before) + 1; got != want {
				t.Errorf("%s ends at %d, not at %d, in\n%s", column, want, got, screen)
			}
			row = before + "." + after
		}
	}

	attackScreen := screenOf(func(o *options) {
		o.chinese = true
		o.stderr = io.Discard
		o.listAttacks(attacks())
		teller := &attackTeller{options: o}
		var outcomes []outcome
		for i, a := range attacks() {
			failure := ""
			if i == 1 {
				failure = "the node took it"
			}
			outcomes = append(outcomes, outcome{attack: a, failure: failure})
		}
		teller.table(outcomes)
	})
	checkScreen(t, attackScreen)
	want, _ := columnsOf(t, lineWith(t, attackScreen, "文章的程序"), "文章的程序")
	for _, at := range regexp.MustCompile(`(?m)^.*(?:已拒绝|没有拒绝) +`).FindAllString(attackScreen, -1) {
		if got := textWidth(at); got != want {
			t.Errorf("what the article does is at %d, not at %d, in\n%s", got, want, at)
		}
	}

	l := startLab(t, labConfig{nodes: 3, seed: usualSeed, chinese: true})
	for _, line := range []string{"help", "lessons", "show"} {
		said := l.enter(t, "cut A B", "kill C", line)
		if line != "show" { // which has a command that one may want to copy
			checkScreen(t, said+"\n")
		}
		if english := englishPattern.FindString(regexp.MustCompile(`go run .*|(?m)^\S.*? {2}`).ReplaceAllString(said, "")); english != "" {
			t.Errorf("%s: it says %q in\n%s", line, english, said)
		}
		l.enter(t, "start C")
	}
}

// A wallet may be called as a label is: in a sentence it keeps its name.
func TestNamesAreNotTranslated(t *testing.T) {
	for text, want := range map[string]string{
		"spent": "已花费",
		"spent pays height 10, at A: payment 12345678 waits for a block": "spent 付给 height 10，在 A：付款 12345678 等待进入区块",
	} {
		if got := inChinese(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
