package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// A logCall is a place in the source that logs: its message, and the keys of its
// facts. With open, it may have others of the package, too.
type logCall struct {
	at, message string
	keys        map[string]bool
	open        map[string]bool // every string of the package; nil: the call shows all keys
}

// logCalls finds the log calls of a package.
func logCalls(t *testing.T, dir string) (calls []logCall) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	paths := must(filepath.Glob(filepath.Join(dir, "*.go")))(t)
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			files = append(files, must(parser.ParseFile(fset, path, nil, 0))(t))
		}
	}

	texts := make(map[string]bool)
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if text, ok := literal(n); ok {
				texts[text] = true
			}
			return true
		})
	}

	for _, f := range files {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				at := messageIndex(call)
				if !ok || at < 0 || at >= len(call.Args) {
					return true
				}
				if ident, ok := call.Args[at].(*ast.Ident); ok && ident.Name == "msg" && fn.Name.Name == "warn" {
					return true // quietLog itself: its callers count
				}

				messages := possible(files, fn, call.Args[at])
				if len(messages) == 0 {
					t.Errorf("%s: the test does not see what this logs", fset.Position(call.Pos()))
				}
				for _, m := range messages {
					keys, all := keysOf(call.Args[at+1:])
					c := logCall{at: fset.Position(call.Pos()).String(), message: m, keys: keys}
					if !all || call.Ellipsis.IsValid() {
						c.open = texts
					}
					calls = append(calls, c)
				}
				return true
			})
		}
	}
	return calls
}

// messageIndex returns which argument of a call is a log's message, or -1 if it
// logs nothing.
func messageIndex(call *ast.CallExpr) int {
	if call == nil {
		return -1
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return -1
	}
	var receiver string
	switch x := selector.X.(type) {
	case *ast.Ident:
		receiver = x.Name
	case *ast.SelectorExpr:
		receiver = x.Sel.Name
	}

	switch isLog := strings.EqualFold(receiver, "log"); {
	case isLog && slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, selector.Sel.Name):
		return 0
	case isLog && (selector.Sel.Name == "Log" || selector.Sel.Name == "LogAttrs"):
		return 2
	case receiver == "quiet" && selector.Sel.Name == "warn":
		return 1
	}
	return -1
}

// possible returns the texts that an expression may be in a function: a literal;
// what a variable is set to there; what callers pass for a parameter; what
// functions return as a result of that name.
func possible(files []*ast.File, fn *ast.FuncDecl, expr ast.Expr) (texts []string) {
	if text, ok := literal(expr); ok {
		return []string{text}
	}
	ident, ok := expr.(*ast.Ident)
	if !ok {
		return nil
	}
	add := func(n ast.Node) {
		if text, ok := literal(n); ok && text != "" {
			texts = append(texts, text)
		}
	}

	ast.Inspect(fn, func(n ast.Node) bool {
		if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == 1 {
			if to, ok := set.Lhs[0].(*ast.Ident); ok && to.Name == ident.Name {
				add(set.Rhs[0])
			}
		}
		return true
	})

	param := -1
	for i, name := range names(fn.Type.Params) {
		if name == ident.Name {
			param = i
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && param >= 0 && param < len(call.Args) {
				if called, ok := call.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == fn.Name.Name {
					add(call.Args[param])
				}
			}
			if other, ok := n.(*ast.FuncDecl); ok {
				if result := slices.Index(names(other.Type.Results), ident.Name); result >= 0 {
					ast.Inspect(other, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok && result < len(r.Results) {
							add(r.Results[result])
						}
						return true
					})
				}
			}
			return true
		})
	}
	return texts
}

func names(fields *ast.FieldList) (names []string) {
	if fields == nil {
		return nil
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// keysOf returns the keys of a log call, and whether these are surely all.
func keysOf(args []ast.Expr) (keys map[string]bool, all bool) {
	keys, all = make(map[string]bool), true
	for i := 0; i < len(args); i++ {
		key, ok := literal(args[i])
		if call, isCall := args[i].(*ast.CallExpr); isCall && len(call.Args) == 2 { // slog.Int("height", 1)
			key, ok = literal(call.Args[0])
			i--
		}
		if !ok {
			return keys, false
		}
		keys[key] = true
		i++
	}
	return keys, true
}

func literal(n ast.Node) (text string, ok bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// keys returns the facts that a sentence names.
func factKeys(pieces []piece) map[string]bool {
	keys := make(map[string]bool)
	for _, p := range pieces {
		if p.key != "" {
			keys[p.key] = true
		}
	}
	return keys
}

// Every message of the program's log has a sentence in both languages, which
// names no fact that the log does not have.
func TestSentences(t *testing.T) {
	byMessage := make(map[string][]logCall)
	for _, dir := range []string{".", "network", "kademlia", "rpc", "view"} {
		for _, c := range logCalls(t, dir) {
			byMessage[c.message] = append(byMessage[c.message], c)
		}
	}
	if len(byMessage) < 30 {
		t.Fatalf("the test sees only %d messages", len(byMessage))
	}

	for message, calls := range byMessage {
		forms := sentences[message]
		if len(forms) == 0 {
			t.Errorf("%s: no sentence for %q in story.go", calls[0].at, message)
		}

		for _, c := range calls {
			told := slices.ContainsFunc(forms, func(f form) bool { return c.has(f) })
			if len(forms) > 0 && !told {
				t.Errorf("%s: no sentence for %q fits the keys %v", c.at, message, slices.Sorted(maps.Keys(c.keys)))
			}
		}
		for i, f := range forms {
			told := slices.ContainsFunc(calls, func(c logCall) bool { return c.has(f) })
			if !told {
				t.Errorf("%s: sentence %d for %q names a fact that is not logged", calls[0].at, i, message)
			}
		}
	}
}

// has reports whether a call has the facts that a sentence needs.
func (c logCall) has(f form) bool {
	needed := factKeys(f.en)
	for _, condition := range f.conditions {
		needed[condition.key] = true
	}
	for key := range needed {
		if !c.keys[key] && !c.open[key] {
			return false
		}
	}
	return true
}

// A sentence says the same in both languages, and fits on a line, unless it has
// a cause to tell.
func TestSentencesFit(t *testing.T) {
	typical := map[string]string{
		"peer": "192.168.1.23:5678", "addr": "0.0.0.0:5678", "rpc": "127.0.0.1:9999", "data": "data",
		"height": "12345", "hash": strings.Repeat("da29f3c1", 8), "tx": strings.Repeat("62a80c1d", 8),
		"id": strings.Repeat("0c1dda29", 5), "target": strings.Repeat("0c1dda29", 5),
		"added": "12", "removed": "11", "blocks": "123", "txs": "12", "pool": "12", "for": "5m0s", "err": "EOF",
		"distance": "157", "nearest": "157", "alpha": "3", "hops": "4", "asked": "12", "found": "20", "count": "20",
		"code": "7", "kind": "transactions", "file": "data/chain.db.old", "hint": "wait", "cause": "not a message",
		"omitted": "12", "over": "12345", "repeated": "12", "path": "/", "stack": "view.go",
	}
	check := func(message string, f form) {
		words := f.tell(typical)
		first := storyLine(slog.LevelWarn, time.Now(), "")
		for _, text := range []string{words.EN, words.ZH} {
			if width := textWidth(strings.TrimSpace(first)) + 1 + textWidth(text); width > lineWidth {
				t.Errorf("%s: %d columns: %s", message, width, text)
			}
		}
		if !maps.Equal(factKeys(f.en), factKeys(f.zh)) {
			t.Errorf("%s: other facts in the other language: %s, %s", message, words.EN, words.ZH)
		}
		if !strings.ContainsFunc(words.ZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: not Chinese: %s", message, words.ZH)
		}
		for key := range factKeys(f.en) {
			if typical[key] == "" {
				t.Errorf("%s: the test has no typical %s", message, key)
			}
		}
	}
	for message, forms := range sentences {
		for _, f := range forms {
			check(message, f)
		}
	}
	for _, f := range leftOut[""] {
		check("lines left out", f)
	}
}

func TestSentence(t *testing.T) {
	hash, txid := strings.Repeat("da29f3c1", 8), strings.Repeat("62a80c1d", 8)
	tests := []struct {
		name, message string
		facts         map[string]string
		want          string
	}{
		{"short hash", "block mined", map[string]string{"height": "1", "hash": hash, "txs": "2"},
			"mined block 1, da29f3c1, with 2 transactions, and announces it"},
		{"one", "block mined", map[string]string{"height": "1", "hash": hash, "txs": "1"},
			"mined block 1, da29f3c1, with 1 transaction, and announces it"},
		{"no chain", "peer connected", map[string]string{"peer": "127.0.0.1:5678", "height": "-1"},
			"connected to 127.0.0.1:5678, which has no chain yet"},
		{"restarted", "peer lost", map[string]string{"peer": "10.0.0.1:5678", "id": hash}, // under a new ID, its address answers
			"lost 10.0.0.1:5678 over UDP: ID da29f3c1 no longer answers there"},
		{"branch from too deep", "blocks of peer not taken yet", map[string]string{"peer": "p", "err": "too many to take back"}, // ever
			"does not take the blocks of p: too many to take back"},
		{"kind with a space", "message sent", map[string]string{"kind": "get block", "height": "4", "peer": "p"},
			"asked p for block 4"},
		{"cause", "transaction dropped", map[string]string{"tx": txid, "own": "false",
			"err": txid + ": input 0: coin is already spent: " + hash + ":0 by " + txid},
			"dropped payment 62a80c1d: coin is already spent: da29f3c1:0 by 62a80c1d"},
		{"command", "chain of peer not taken", map[string]string{"peer": "p", "err": "type `go run . start -genesis " + hash + "`"},
			"does not take the chain of p: type `go run . start -genesis " + hash + "`"},
		{"hostile text", "peer disconnected", map[string]string{"peer": "p", "err": "\x1b[2J\u202egone\nline"},
			"lost the connection to p:  [2J gone line"},
		{"command in a peer's text", "transaction refused", map[string]string{"err": "txid \"a\\\"`go run . start -fresh`\": malformed"},
			"refused a payment: txid \"a\\\"'go run . start -fresh'\": malformed"},
		{"command beside a peer's text", "chain of peer not taken", map[string]string{"peer": "p", "err": "\"`\": type `start -data \"my data\"`"},
			"does not take the chain of p: \"'\": type `start -data \"my data\"`"},
		{"lines left out", "transaction refused", map[string]string{"err": "no", "omitted": "7"},
			"refused a payment: no (7 more like it left out)"},
		{"unknown", "something else", map[string]string{"b": "2", "a": hash},
			"something else a=da29f3c1 b=2"},
		{"known, without its facts", "block mined", map[string]string{"height": "1"}, "block mined height=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sentence(tt.message, tt.facts).EN; got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if got, want := sentence("block mined", tests[0].facts).ZH, "挖出区块 1\uff08da29f3c1\uff09\uff0c含 2 笔交易\uff0c并通知其他节点"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	long := "`go run . start " + strings.Repeat("-x ", 30) + "`"
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"short", "one line", "one line"},
		{"at a space", strings.Repeat("word ", 18), strings.TrimSpace(strings.Repeat("word ", 14)) + "\n  " + strings.TrimSpace(strings.Repeat("word ", 4))},
		{"long word", "see " + strings.Repeat("x", 80), "see\n  " + strings.Repeat("x", 80)},
		{"command", "type " + long + " now", "type\n  " + long + "\n  now"},
		{"Chinese", strings.Repeat("区", 40) + "\uff0c块", strings.Repeat("区", 35) + "\n  " + strings.Repeat("区", 5) + "\uff0c块"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wrap(tt.text, 10, "  "); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
