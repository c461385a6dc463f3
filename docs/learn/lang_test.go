package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMain makes the programs that tests start speak English, whatever this machine
// is set to. Learn itself does until a test says otherwise.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C")
	os.Exit(m.Run())
}

// speakChinese makes learn speak Chinese in a test, which must not be parallel.
func speakChinese(t *testing.T) {
	t.Helper()
	chinese = true
	t.Cleanup(func() { chinese = false })
}

var (
	verbPattern    = regexp.MustCompile(`%(?:\[(\d)\])?([-+# 0]*[\d.]*[a-zA-Z])`)
	wordPattern    = regexp.MustCompile(`[A-Za-z]{2}`)
	commandPattern = regexp.MustCompile("`[^`]+`|(?:%s|go run \\S+|git|go mod) (?:start|check|hint|show|solution|finale|checkout|download)\\b(?: -[a-z]+| [0-9%_][\\w./%-]*| step1)*")
)

// saidFormats returns the formats of all that learn says, and where it says each.
func saidFormats(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[string]string)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if format, ok := formatOf(call); ok {
					said[format] = set.Position(call.Pos()).String()
				}
			}
			return true
		})
	}
	return said
}

// formatOf returns the format of a call that says something.
func formatOf(call *ast.CallExpr) (format string, ok bool) {
	name := ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	}
	at, isTeller := map[string]int{"say": 0, "complain": 0, "text": 0, "Errorf": 0, "Println": 0, "Fprintf": 1}[name]
	if _, isMethod := call.Fun.(*ast.SelectorExpr); name == "say" && !isMethod {
		at = 1 // the first is where to
	}
	if !isTeller || at >= len(call.Args) {
		return "", false
	}
	lit, isLit := call.Args[at].(*ast.BasicLit)
	if !isLit {
		return "", false
	}
	format, err := strconv.Unquote(lit.Value)
	return format, err == nil
}

// verbsOf returns the verbs of a format, in the order of what they print.
func verbsOf(format string) (verbs []string) {
	next := 0
	for _, m := range verbPattern.FindAllStringSubmatch(format, -1) {
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
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

// commandsIn returns the commands of a text, sorted.
func commandsIn(text string) []string {
	var found []string
	for _, command := range commandPattern.FindAllString(text, -1) {
		found = append(found, strings.TrimSuffix(command, "."))
	}
	slices.Sort(found)
	return found
}

// Whatever learn says it can say in Chinese, with the same verbs and commands, and the
// table has nothing else.
func TestChineseIsComplete(t *testing.T) {
	said := saidFormats(t)
	inside := map[string]string{"no block %d": "to a node, not to the student"}
	for format, where := range said {
		if wordPattern.MatchString(verbPattern.ReplaceAllString(format, "")) && sentences[format] == "" && inside[format] == "" {
			t.Errorf("%s: zh.go has nothing for %q", where, format)
		}
	}
	if len(said) < 100 {
		t.Errorf("found only %d texts", len(said))
	}

	for en, zh := range sentences {
		if said[en] == "" {
			t.Errorf("zh.go: nothing says %q", en)
		}
		if got, want := verbsOf(zh), verbsOf(en); !slices.Equal(got, want) {
			t.Errorf("zh.go: %q prints %v, want %v", zh, got, want)
		}
		if got, want := commandsIn(zh), commandsIn(en); !slices.Equal(got, want) {
			t.Errorf("zh.go: %q has the commands %q, want %q", zh, got, want)
		}
		if strings.HasSuffix(en, "\n") != strings.HasSuffix(zh, "\n") || strings.HasPrefix(en, "\n") != strings.HasPrefix(zh, "\n") {
			t.Errorf("zh.go: %q has other empty lines around it than %q", zh, en)
		}
	}
	for _, e := range explanations {
		if e.adviceZH == "" || strings.Contains(e.advice, "$1") != strings.Contains(e.adviceZH, "$1") {
			t.Errorf("explain.go: %q isn't %q", e.adviceZH, e.advice)
		}
	}
}

// codePattern matches what is code in a task: it's the same in both languages. A
// sentence may begin with a name, as in "Block is".
var codePattern = regexp.MustCompile("`[^`]+`|" + `\{"code.*?\}|\w+\.[A-Za-z]\w*(?:\.\w+)*|\b[a-z]+[A-Z]\w*|\b[A-Z]+[a-z]+[A-Z]\w*|%[.\d]*[a-z]\b|\d[\d,.]*\d`)

// All holes and challenges are there in Chinese, with the same code in them.
func TestChineseHoles(t *testing.T) {
	for _, s := range courseSteps() {
		for _, h := range s.holes {
			for _, text := range [][2]string{{h.Title, h.TitleZH}, {h.Task, h.TaskZH}, {h.Nudge, h.NudgeZH}, {h.Idea, h.IdeaZH}} {
				if text[1] == "" {
					t.Errorf("%s: nothing in Chinese for %q", h.ID, text[0])
					continue
				}
				for _, code := range codePattern.FindAllString(text[0], -1) {
					if !strings.Contains(text[1], code) {
						t.Errorf("%s: %q isn't in %q", h.ID, code, text[1])
					}
				}
				if strings.ContainsAny(text[1], "，。") && regexp.MustCompile(`\p{Han}[,;:?!(]`).MatchString(text[1]) {
					t.Errorf("%s: narrow punctuation in %q", h.ID, text[1])
				}
			}
		}
	}
}

// Both helps list the same commands.
func TestChineseUsage(t *testing.T) {
	command := regexp.MustCompile(`(?m)^  \S.*?(?:  |$)`)
	if got, want := command.FindAllString(usageZH, -1), command.FindAllString(usage, -1); !slices.Equal(got, want) {
		t.Errorf("in Chinese it has %q, want %q", got, want)
	}
	for line := range strings.Lines(usage + usageZH) {
		if textWidth(line) > 80 {
			t.Errorf("too long: %s", line)
		}
	}
}

func TestChooseLanguage(t *testing.T) {
	defer func() { chinese = false }()
	tests := []struct {
		locale, args string
		chinese      bool
		rest         string
	}{
		{"C", "", false, ""},
		{"zh_CN.UTF-8", "hint 4.5", true, "hint 4.5"},
		{"zh_CN.UTF-8", "hint -lang en 4.5", false, "hint 4.5"},
		{"C", "-lang zh", true, ""},
		{"C", "start 2 -again --lang=zh", true, "start 2 -again"},
		{"C", "finale -data=x -lang zh", true, "finale -data=x"},
	}
	for _, tt := range tests {
		t.Setenv("LC_ALL", tt.locale)
		rest, err := chooseLanguage(strings.Fields(tt.args))
		if err != nil || chinese != tt.chinese || strings.Join(rest, " ") != tt.rest {
			t.Errorf("%s, learn %s: Chinese is %t, and %q is left, %v", tt.locale, tt.args, chinese, rest, err)
		}
	}
	for _, args := range []string{"-lang", "-lang fr", "hint -lang="} {
		if _, err := chooseLanguage(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), "en") {
			t.Errorf("learn %s: %v", args, err)
		}
	}
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("交易", 18) // 72 columns
	tests := []struct{ name, in, want string }{
		{"spaces", "one  two\nthree", "one two three"},
		{"words", strings.Repeat("a", 70) + " 1234567 89", strings.Repeat("a", 70) + " 1234567\n89"},
		{"a word too long", "a " + strings.Repeat("b", 90) + " c", "a\n" + strings.Repeat("b", 90) + "\nc"},
		{"characters", long + "区块链上有区块", long + "区块链\n上有区块"},
		{"a comma isn't first", long + "区块链，上有", long + "区块\n链，上有"},
		{"an opening bracket isn't last", long + "区块（链）", long + "区块\n（链）"},
		{"a word between characters", long + "用 sha256Hex 算", long + "用\nsha256Hex 算"},
	}
	for _, tt := range tests {
		if got := wrap(tt.in); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
	for _, s := range courseSteps() {
		for _, h := range s.inChinese().holes {
			for line := range strings.Lines(wrap(h.Task) + "\n" + wrap(h.Nudge) + "\n" + wrap(h.Idea)) {
				if width := textWidth(strings.TrimSuffix(line, "\n")); width > lineWidth {
					t.Errorf("%s: %d columns: %s", h.ID, width, line)
				}
			}
		}
	}
}

func TestFindRefusal(t *testing.T) {
	tests := []struct{ screen, want string }{
		{"a\n10:00:00 refused a chain: block 6: transaction 0:\n  too much\n10:00:01 b\n", "block 6: transaction 0: too much"},
		{"10:00:00 拒绝了一条链：区块 6：第 0 笔交易\n  太多：这个\n  coinbase\n10:00:01 b\n", "区块 6：第 0 笔交易太多：这个 coinbase"},
		{"block 5: no\n", ""},
	}
	for _, tt := range tests {
		if got := findRefusal(tt.screen, 6); got != tt.want {
			t.Errorf("of %q it finds %q, want %q", tt.screen, got, tt.want)
		}
	}
}

// A student's way through a step, in Chinese.
func TestLearnInChinese(t *testing.T) {
	speakChinese(t)
	toy := toySteps[0]
	toy.holes = slices.Clone(toy.holes)
	for i := range toy.holes {
		h := &toy.holes[i]
		h.TitleZH, h.TaskZH, h.NudgeZH, h.IdeaZH = "空"+h.ID, "要写"+h.ID, "提示"+h.ID, "思路"+h.ID
	}
	tutor, out := newTutor(t, []step{toy.inChinese()}, toyFiles)
	expect := func(command string, want ...string) {
		t.Helper()
		got := do(t, tutor, out, command)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Fatalf("learn %s says\n%s\n\nand not %q", command, got, text)
			}
		}
	}

	expect("", "第 1 步  Toys                       ··", "先读 docs/zh/01-toys.md，再敲\n  go run ./docs/learn start 1")
	expect("start 1", "留了 2 个空", "1.1  空1.1\n要写1.1", "写在 "+toyMain+" 第 10 行")
	expect("hint", "1.1  空1.1：提示\n提示1.1")
	expect("hint", "1.1  空1.1：思路\n思路1.1")
	expect("check", "1.1 还空着：打开 "+toyMain+" 第 10 行")
	expect("hint 9.9", "没有 9.9。有的是：1.1 到 1.3。")
	expect("dance", "用法：")
	replace(t, tutor, toyMain, emptyOne, "return 2 * ")
	expect("check", toyMain+" 第 11 行：这还不是 Go：expected operand")
	expect("solution 1.1", "return 2 * n", "也同样好")
	if testing.Short() {
		return // what follows compiles
	}

	replace(t, tutor, toyMain, "return 2 * ", "return 2 * m")
	expect("check", "还编译不了。\n  "+toyMain+" 第 10 行：undefined: m", "拼写对吗？")
	replace(t, tutor, toyMain, "2 * m", "n * n")
	expect("check", "✗ 1.1  空1.1：还不对。\n  double(1) = 1, want 2", "要提示：go run ./docs/learn hint 1.1")
	replace(t, tutor, toyMain, "n * n", "[]int{0, 2}[n]")
	expect("check", "你的程序 panic 了：runtime error: index out of range [7] with length 2（"+toyMain+" 第 10 行）")
	replace(t, tutor, toyMain, "[]int{0, 2}[n]", "2 * n")
	expect("check", "✓ 1.1  做对了（空1.1）", "1.2  空1.2", "你可能要导入：strings。")
}
