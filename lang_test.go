package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tellers are the functions whose texts a user may read, and which argument is the
// text, from 0.
var tellers = map[string]int{
	"errors.New": 0, "fmt.Errorf": 0, "usageError": 0, "c.usageError": 0, "damaged": 0, "badPeer": 0, "hasMoved": 0,
	"o.hint": 0, "s.hint": 0, "o.list": 1, "o.say": 0, "d.options.say": 0, "say": 0, "line": 0,
	"o.sayf": 0, "o.tell": 0, "t.say": 0, "t.sayf": 0, "o.fact": 0, "inBoth": 0,
	"fs.BoolVar": 3, "fs.StringVar": 3, "fs.Func": 1, "countFlag": 3, "dataFlag": 2, "number": 1,
}

// speakers are functions, by file, that put texts for a user together: all that
// they return, assign or append is told.
var speakers = []string{
	"advice.go onSecondMachine", "advice.go advice", "advice.go adviseView", "cli.go Send", "miner.go String", "node.go giveUp",
	"look.go block", "look.go chainCmd", "look.go tx", "payment.go fate", "status.go noPeers", "txpool.go waits", "network/peer_status.go state", "network/peer_status.go peerStatus",
	"network/peer_status.go blocks", "network/tcp_client.go objectTo",
}

// talkers are functions, by file, all of whose sentences are told.
var talkers = []string{
	"attack.go String", "attack_copy.go copyChain", "attack_copy.go copyFromNode", "attack_copy.go madeOf",
	"attack_show.go forWhom", "attack_stage.go String", "attack_stage.go fault", "attack_stage.go play", "attack_stage.go throwInBlock",
	"lab.go awaitMeeting", "lab_commands.go agree", "lab_commands.go balance", "lab_commands.go figure", "lab_commands.go held",
	"lab_commands.go send", "lab_commands.go standing", "look.go chainCmd", "look.go block", "look.go tx",
}

// A told text is one that a user may read, and where it is said.
type told struct{ format, where string }

// toldTexts returns the texts of this program that users may read: what the
// tellers are given, and all sentences of some files.
func toldTexts(t *testing.T) (texts []told) {
	t.Helper()
	for _, pattern := range []string{"*.go", "network/*.go", "rpc/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || slices.Contains([]string{"zh.go", "zh_look.go", "story.go"}, name) {
				continue
			}
			texts = append(texts, toldIn(t, name)...)
		}
	}
	return texts
}

func toldIn(t *testing.T, name string) (texts []told) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(e ast.Expr) {
		for _, format := range literals(e) {
			format = edges.ReplaceAllString(format, "")
			if hasWords(format) {
				texts = append(texts, told{format, set.Position(e.Pos()).String()})
			}
		}
	}

	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if i, ok := tellers[callName(n.Fun)]; ok && i < len(n.Args) {
				add(n.Args[i])
			}
			if noun, ok := pluralOf(n); ok {
				at := set.Position(n.Pos()).String()
				texts = append(texts, told{"1 " + noun, at}, told{"%d " + noun + "s", at})
			}
		case *ast.CompositeLit: // of commands(), of scenes, of words of the lab, of notes
			texts := map[string]int{"command": 2, "scene": 0, "labWord": 2, "labForm": 1}
			if i, ok := texts[elementType(file, n)]; ok && n.Type == nil {
				add(n.Elts[i])
			}
			if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "notes" {
				for _, note := range n.Elts {
					add(note.(*ast.KeyValueExpr).Value)
				}
			}
		case *ast.FuncDecl:
			if slices.Contains(talkers, name+" "+n.Name.Name) {
				ast.Inspect(n.Body, func(n ast.Node) bool {
					if s, ok := n.(*ast.BasicLit); ok && strings.Contains(s.Value, " ") {
						add(s)
					}
					return true
				})
			}
			if slices.Contains(speakers, name+" "+n.Name.Name) {
				for _, e := range spoken(n) {
					add(e)
				}
			}
		case *ast.ValueSpec:
			if slices.Contains([]string{"afterDamage", "stateInStep"}, n.Names[0].Name) {
				add(n.Values[0])
			}
		}
		return true
	})
	return texts
}

// edges are what joins a text to others: an error to its cause.
var edges = regexp.MustCompile("^[:;] |[:;] $|^ | $")

// spoken returns what a function returns, assigns and appends.
func spoken(f *ast.FuncDecl) (said []ast.Expr) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			said = append(said, n.Results...)
		case *ast.AssignStmt:
			said = append(said, n.Rhs...)
		}
		return true
	})
	return said
}

// pluralOf returns the noun that is counted, if a call is one of plural.
func pluralOf(call *ast.CallExpr) (noun string, ok bool) {
	if callName(call.Fun) != "plural" {
		return "", false
	}
	return constant(call.Args[1])
}

// elementType returns which of the two lists of this program's texts a literal
// without a type is in.
func elementType(file *ast.File, lit *ast.CompositeLit) (name string) {
	ast.Inspect(file, func(n ast.Node) bool {
		list, ok := n.(*ast.CompositeLit)
		if !ok || list.Type == nil || lit.Pos() < list.Pos() || lit.End() > list.End() {
			return true
		}
		if array, ok := list.Type.(*ast.ArrayType); ok {
			if element, ok := array.Elt.(*ast.Ident); ok {
				name = element.Name
			}
		}
		return true
	})
	return name
}

func callName(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if x := callName(fun.X); x != "" {
			return x + "." + fun.Sel.Name
		}
	}
	return ""
}

// literals returns the texts that an expression may be: a literal, a sum, in which
// %s stands for what isn't a literal, the format of a Sprintf, what is appended.
func literals(e ast.Expr) []string {
	if s, ok := constant(e); ok {
		return []string{s}
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return []string{format(e)}
		}
	case *ast.CallExpr:
		switch name := callName(e.Fun); {
		case len(e.Args) == 0:
		case name == "fmt.Sprintf" || name == "usageError":
			return literals(e.Args[0])
		case name == "append":
			return literals(e.Args[1])
		}
	}
	return nil
}

// format returns a sum of texts as a format.
func format(e ast.Expr) string {
	if s, ok := constant(e); ok {
		return s
	}
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return format(sum.X) + format(sum.Y)
	}
	return "%s"
}

// constant returns the text of a literal, or of a sum of literals.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := constant(e.X)
		y, okY := constant(e.Y)
		return x + y, okX && okY
	}
	return "", false
}

var wordPattern = regexp.MustCompile(`[A-Za-z]{2}`)

// wordless are parts of a text that are the same in each language: commands and
// flags.
var wordless = regexp.MustCompile("`go run[^`]*`|^go run [^:]*$|\\B-[a-z-]+")

// hasWords reports whether a format says anything besides what its verbs print.
func hasWords(format string) bool {
	format = wordless.ReplaceAllString(format, "")
	return wordPattern.MatchString(verbPattern.ReplaceAllString(format, ""))
}

// Each text that a user may read has a Chinese one, with the same verbs, and there
// are no others.
func TestChineseIsComplete(t *testing.T) {
	all := maps.Clone(chinese)
	for _, table := range []map[string]string{chineseLooks, chineseLabels} {
		for en, zh := range table {
			if all[en] != "" {
				t.Errorf("zh_look.go: %q is there twice", en)
			}
			all[en] = zh
		}
	}

	said := make(map[string]bool)
	for _, text := range toldTexts(t) {
		if said[text.format] {
			continue
		}
		said[text.format] = true
		if all[text.format] == "" {
			t.Errorf("%s: zh.go has nothing for %q", text.where, text.format)
		}
	}
	if len(said) < 300 {
		t.Errorf("found only %d texts", len(said))
	}

	for en := range all {
		if !said[en] {
			t.Errorf("zh.go: nothing says %q", en)
		}
	}
}

// A Chinese text has what the English one has: what verbs print, and commands.
func TestChineseHasTheSameFacts(t *testing.T) {
	for _, table := range []map[string]string{chinese, chineseLooks, chineseOfGo} {
		for en, zh := range table {
			if got, want := verbsOf(zh), verbsOf(en); !slices.Equal(got, want) {
				t.Errorf("zh.go: %q prints %v, want %v", zh, got, want)
			}
			if got, want := commandsIn(zh), commandsIn(en); !slices.Equal(got, want) && !flagValue.MatchString(en) {
				t.Errorf("zh.go: %q has the commands %q, want %q", zh, got, want)
			}
		}
	}
}

// verbsOf returns the verbs of a format, in the order of what they print.
func verbsOf(format string) (verbs []string) {
	next := 0
	for _, m := range verbPattern.FindAllStringSubmatch(format, -1) {
		if m[1] != "" {
			next, _ = strconv.Atoi(strings.Trim(m[1], "[]"))
			next--
		}
		for len(verbs) <= next {
			verbs = append(verbs, "")
		}
		verbs[next] = m[2]
		next++
	}
	return verbs
}

// flagValue begins the usage of a flag: its name in Chinese is Chinese.
var flagValue = regexp.MustCompile("^(majority: )?`[a-z]+`")

func commandsIn(text string) []string {
	found := regexp.MustCompile("`[^`]+`").FindAllString(text, -1)
	slices.Sort(found)
	return found
}

// A text is put together from several, an error from its causes: in Chinese, each
// is Chinese, and what people or other nodes wrote stays as it is.
func TestInChinese(t *testing.T) {
	const alice, bob = "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r", "13hSPX3e5xLQSgB8xjajFQsbwDvuNDWjsY"
	tests := []struct{ en, want string }{
		{"there is a chain already", "已经有一条链"},
		{"pay 5000 to " + bob + ": not enough coins: " + alice + " has 1000: see `go run . balance alice`",
			"付给 " + bob + " 5000 个币：币不够：" + alice + " 有 1000 个；用 `go run . balance alice` 查看余额"},
		{"address is mistyped: its checksum does not match: \"1LYH: no\": copy one from `go run . wallet`",
			"地址写错了：校验和不符：\"1LYH: no\"；请从 `go run . wallet` 的输出里复制"},
		{"not an address: \"not yet\", nor the name of a wallet here: `go run . wallet` lists both",
			"不是地址：\"not yet\"，也不是这里的钱包的名字；用 `go run . wallet` 看地址和名字"},
		{"send: invalid value \"x\" for flag -amount: give a whole number from 1 to 9: see `go run . send -h`",
			"send：-amount 的值 \"x\" 不对：应为 1 到 9 的整数；用法见 `go run . send -h`"},
		{"balance: ADDRESS is missing: see `go run . balance -h`", "balance：缺少 ADDRESS；用法见 `go run . balance -h`"},
		{"block: HEIGHT|HASH|last is missing: see `go run . block -h`", "block：缺少 HEIGHT|HASH|last；用法见 `go run . block -h`"},
		{"start: invalid value \"x\" for flag -genesis: a hash is 64 hex digits, in lower case: see `go run . start -h`",
			"start：-genesis 的值 \"x\" 不对：应为 64 位小写的十六进制哈希；用法见 `go run . start -h`"},
		{"cut: type `cut A B`", "cut：请敲 `cut A B`"},
		{"\"x\": no such lesson: there are fork and late", "\"x\"：没有这一课：只有 fork 和 late"},
		{"other genesis block 0fe6…: to take its chain, stop this node and type `go run . start -fresh`",
			"创世区块不同：0fe6…：想用它的链，先停掉这个节点，再敲 `go run . start -fresh`"},
		{"lookup a.invalid on 10.0.0.1:53: dial udp 10.0.0.1:53: connect: network is unreachable",
			"找不到主机 a.invalid（问的是 10.0.0.1:53）：无法连接 10.0.0.1:53：网络不通"},
		{"data/chain.db: not a chain of this program, or damaged: file size too small: start again with -fresh: the file is moved aside, the chain comes back from the peers, and wallet.dat stays",
			"data/chain.db：不是本程序的链，或已损坏：文件太小：请加上 -fresh 重新启动：文件会移到一边，链从其他节点取回，wallet.dat 不动"},
		{"-listen :5678: listen tcp :5678: bind: address already in use: for a second node on this machine: go run . start -listen :5679",
			"-listen :5678：无法监听 TCP :5678：端口已被占用：要在这台机器上再开一个节点，请敲：go run . start -listen :5679"},
		{"data/chain.db: in use by another node: for a second node on this machine: go run . start -data data3",
			"data/chain.db：另一个节点正在使用：要在这台机器上再开一个节点，请敲：go run . start -data data3"},
		{"pool 2 of 2: mined block 7; dropped 1 transaction that spends the same output; see `go run . tx 2f019565`",
			"交易池 2/2：挖出区块 7；丢弃了花同一个输出的 1 笔交易；用 `go run . tx 2f019565` 查看"},
		{"no such block at height 9: the last one is `go run . print 1`", "没有这个区块：高度 9；最后一个是 `go run . print 1`"},
		{"block 5: transaction 1: coin is already spent: 2f01:0 by 71f0", "区块 5：第 1 笔交易：币已花掉：2f01:0，花在 71f0 里"},
		{"3 blocks ahead: block 8: bad coinbase: it pays more than 1000", "领先 3 个区块：区块 8：coinbase 交易不对：付的超过 1000"},
		{"left alone for 60 s: serves block 3 as block 2 (a Python node)", "60 s 内不理会：把区块 3 当作区块 2 发来（Python 节点）"},
		{"no peer answers: see whether a node runs at a:1 or b:2, and whether UDP gets there",
			"没有其他节点应答：看看 a:1 或 b:2 上是否有节点在运行，UDP 能不能到达"},
		{"there is no node \"X\": there are A, B and C", "没有节点 \"X\"：只有 A、B 和 C"},
		{"\"9%\" is no loss: give 0% to 90%", "\"9%\" 不是丢包率：应为 0% 到 90%"},
		{"\"9%%\" is no loss: give 0% to 90%", "\"9%%\" 不是丢包率：应为 0% 到 90%"},
		{alice, alice},
	}
	for _, tt := range tests {
		if got := inChinese(tt.en); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.en, got, tt.want)
		}
	}
}

// Whoever sends us a text doesn't keep us busy with it.
func TestInChineseOfManyParts(t *testing.T) {
	for _, part := range []string{": ", "; ", "`", "\"", "block 1: ", "x has 1: "} {
		text := strconv.Quote(strings.Repeat(part, 200))
		if got := inChinese("not an address: " + text); got != "不是地址："+text {
			t.Errorf("got %q", got)
		}

		unquoted := strings.Repeat(part, 100_000)
		if got := inChinese(unquoted); got != unquoted {
			t.Errorf("%d times %q becomes %.80q", 100_000, part, got)
		}
	}
	for _, part := range []string{": ", "; ", "block 1: "} {
		if text := strings.Repeat(part, mostJoints+1); inChinese(text) != text {
			t.Errorf("%d times %q is put into Chinese", mostJoints+1, part)
		}
	}
}

// What it costs to put an error into Chinese, of which the node's page is told.
func BenchmarkInChinese(b *testing.B) {
	phrases()
	for b.Loop() {
		inChinese("block 5: transaction 1: coin is already spent: 2f01:0 by 71f0")
	}
}

// With -lang zh or a Chinese system the program speaks Chinese, save in what the
// article prints.
func TestSpeaksChinese(t *testing.T) {
	n := startNode(t, NodeConfig{})
	genesis := n.startChain()
	tests := []struct {
		line           string
		code           int
		stdout, stderr string // how they begin
	}{
		{"", 2, "", "用法："},
		{"-h", 0, "用法：go run . COMMAND", ""},
		{"help send", 0, "用法：go run . send --from A --to B --amount N\n从节点上的钱包付款\n  -amount 币\n", ""},
		{"sned", 2, "", "没有命令 \"sned\"；用法见 `go run . -h`\n"},
		{"send -x", 2, "", "send：没有选项 -x；"},
		{"balance", 2, "", "balance：缺少 ADDRESS；"},
		{"balance hello -rpc " + n.RPCAddr(), 1, "", "不是地址：\"hello\"，"},
		{"balance " + genesis + " -rpc " + n.RPCAddr(), 0, genesis + " balance is 1000\n", ""},
		{"createwallet -name bob -rpc " + n.RPCAddr(), 0, "Wallet address is 1", ""},
		{"printwallet -rpc " + n.RPCAddr(), 0, "Wallet are:\n\t" + genesis + "\n", ""},
		{"print 0 -rpc " + n.RPCAddr(), 0, `{"timestamp": "`, ""},
		{"send --from " + genesis + " --to bob --amount 7 -rpc " + n.RPCAddr(), 0, "send 7 from " + genesis + " to bob\n", "交易池 1/2：满了就挖出一个区块；"},
		{"genesis_block -rpc " + n.RPCAddr(), 1, "", "已经有一条链："},
	}
	for _, tt := range tests {
		code, stdout, stderr := runCommand(append(strings.Fields(tt.line), "-lang", "zh")...)
		if code != tt.code || !begins(stdout, tt.stdout) || !begins(stderr, tt.stderr) {
			t.Errorf("%s: exit code %d\n%s\n%s", tt.line, code, stdout, stderr)
		}
	}

	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	if _, _, stderr := runCommand("balance"); !begins(stderr, "balance：缺少 ADDRESS") {
		t.Errorf("on a Chinese system: %q", stderr)
	}
	if _, _, stderr := runCommand("balance", "-lang", "en"); !begins(stderr, "balance: ADDRESS is missing") {
		t.Errorf("on a Chinese system, with -lang en: %q", stderr)
	}
	if code, _, stderr := runCommand("balance", "-lang", "fr"); code != 2 || !begins(stderr, `balance：-lang 的值 "fr" 不对：应为 en 或 zh；`) {
		t.Errorf("-lang fr: exit code %d, %q", code, stderr)
	}
}

// begins reports whether a text begins in a way, or is empty like that.
func begins(text, want string) bool {
	return strings.HasPrefix(text, want) && (text == "") == (want == "")
}

// TestMain makes the program speak English, whatever this machine is set to.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C")
	os.Exit(m.Run())
}
