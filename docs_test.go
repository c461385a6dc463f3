package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The pages, README.md and the like and those in docs, are woven from the
// source. HTML comments, which a reader does not see, say what stands below:
//
//	<!-- code: block.go BlockHeader ProofOfWork.Run -->   above a go fence
//	<!-- output: chapter2_test.go Example_chapter2 -->    above a text fence
//
// and `go test -run TestDocs -update .` writes it there. A name that ends in …
// shows a function without its body.
//
// A console fence is a transcript, which TestDocsTranscripts replays. "$ " is a
// terminal of the reader's only machine, "A$ " one of machine A's. The nodes of
// a page live until a line ^C (or A^C) or the end of the page. For the rest:
//
//	<!-- commands -->   above a console fence: no transcript, only checked
//	<!-- log: A -->     above a text fence: lines that a node of A has printed
var updateDocs = flag.Bool("update", false, "write the declarations and outputs that the pages name into them")

// sourceDirs are the packages whose exported names the pages must show.
var sourceDirs = []string{".", "kademlia", "network", "rpc"}

// chapterParts are the second-level headings of a chapter, in this order.
var chapterParts = []string{"The idea", "The code", "Run it", "In Bitcoin", "Changed from the article", "Exercises", "Sources"}

// B46: pages say what the code does, for they are made from it.
func TestDocs(t *testing.T) {
	tests := testNames(t)
	shown := make(map[string]bool)
	for _, path := range pagePaths(t) {
		t.Run(path, func(t *testing.T) {
			p := readPage(t, path)
			woven, faults := p.weave(shown)
			if *updateDocs && woven != p.text() {
				if err := os.WriteFile(path, []byte(woven), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if woven != p.text() {
				t.Errorf("%s differs from the source: run `go test -run TestDocs -update .`\n%s", path, firstDifference(woven, p.text()))
			}
			faults = slices.Concat(faults, p.checkLinks(), p.checkCommands(tests), p.checkChapter())
			for _, fault := range faults {
				t.Error(fault)
			}
		})
	}
	t.Run("exported names", func(t *testing.T) {
		for _, name := range exportedNames(t) {
			if !shown[name] {
				t.Errorf("no page shows %s", name)
			}
		}
	})
}

func pagePaths(t testing.TB) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Fatal("there are no pages")
	}
	return paths
}

// A page is a Markdown file.
type page struct {
	path   string
	lines  []string
	fences []fence
}

// A fence is a fenced block: lines[start] opens it and lines[end] closes it.
type fence struct {
	start, end int
	language   string
	keyword    string   // of the directive above: "code", "output", "commands", "log" or ""
	args       []string // of the directive
}

var (
	fencePattern     = regexp.MustCompile("^ {0,3}(```+|~~~+) *([a-z]*)")
	strayPattern     = regexp.MustCompile(`^<!-- *(\w+:|commands\b|log\b)`)
	directivePattern = regexp.MustCompile(`^<!-- *(code|output|commands|log)\b:? *(.*?) *-->$`)
)

func readPage(t testing.TB, path string) *page {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePage(path, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parsePage(path, text string) (*page, error) {
	p := &page{path: filepath.ToSlash(path), lines: strings.Split(text, "\n")}
	for i := 0; i < len(p.lines); i++ {
		m := fencePattern.FindStringSubmatch(p.lines[i])
		if m == nil {
			continue
		}
		f := fence{start: i, language: m[2]}
		if i > 0 {
			if d := directivePattern.FindStringSubmatch(p.lines[i-1]); d != nil {
				f.keyword, f.args = d[1], strings.Fields(d[2])
			}
		}
		for i++; i < len(p.lines) && !strings.HasPrefix(strings.TrimLeft(p.lines[i], " "), m[1]); i++ {
		}
		if i == len(p.lines) {
			return nil, fmt.Errorf("%s:%d: fence is not closed", path, f.start+1)
		}
		f.end = i
		p.fences = append(p.fences, f)
	}
	return p, nil
}

func (p *page) text() string { return strings.Join(p.lines, "\n") }

func (p *page) faultf(line int, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", p.path, line+1, fmt.Sprintf(format, args...))
}

// prose returns the lines outside fences, and "" for those inside.
func (p *page) prose() []string {
	lines := slices.Clone(p.lines)
	for _, f := range p.fences {
		clear(lines[f.start : f.end+1])
	}
	return lines
}

// weave returns the page as the source wants it. It notes in shown which
// declarations the page shows, by directory and name.
func (p *page) weave(shown map[string]bool) (woven string, faults []string) {
	var out []string
	next := 0
	above := make(map[int]bool) // lines that are a fence's directive
	for _, f := range p.fences {
		out = append(out, p.lines[next:f.start+1]...)
		next = f.end
		above[f.start-1] = f.keyword != ""
		body, err := p.fenceBody(f)
		if err != nil {
			faults = append(faults, p.faultf(f.start, "%v", err))
		}
		out = append(out, body...)
		if f.keyword == "code" && err == nil {
			for _, name := range f.args[1:] {
				shown[filepath.ToSlash(filepath.Dir(f.args[0]))+" "+strings.TrimSuffix(name, "…")] = true
			}
		}
	}
	for i, line := range p.prose() {
		if strayPattern.MatchString(line) && !above[i] {
			faults = append(faults, p.faultf(i, "directive is unknown, or no fence follows it: %s", line))
		}
	}
	return strings.Join(append(out, p.lines[next:]...), "\n"), faults
}

// fenceBody returns the lines that belong into f.
func (p *page) fenceBody(f fence) ([]string, error) {
	body := p.lines[f.start+1 : f.end]
	wants := map[string]string{"code": "go", "output": "text", "commands": "console", "log": "text"}
	if f.keyword == "" && f.language == "go" {
		return body, errors.New("a go fence without <!-- code: FILE NAME… --> above it")
	}
	if f.keyword != "" && f.language != wants[f.keyword] {
		return body, fmt.Errorf("<!-- %s --> stands above a %s fence, not %s", f.keyword, f.language, wants[f.keyword])
	}
	var text string
	var err error
	switch f.keyword {
	case "code":
		text, err = showCode(f.args)
	case "output":
		text, err = showOutput(f.args)
	default:
		return body, nil
	}
	if err != nil {
		return body, err
	}
	return strings.Split(strings.TrimSpace(text), "\n"), nil
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// A goFile is a parsed source file.
type goFile struct {
	src  []byte
	fset *token.FileSet
	ast  *ast.File
}

func parseGo(path string) (*goFile, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &goFile{src: src, fset: token.NewFileSet()}
	f.ast, err = parser.ParseFile(f.fset, path, src, parser.ParseComments)
	return f, err
}

// text returns the source from a node's comment to its end.
func (f *goFile) text(comment *ast.CommentGroup, from, to token.Pos) string {
	if comment != nil {
		from = comment.Pos()
	}
	return string(f.src[f.fset.Position(from).Offset:f.fset.Position(to).Offset])
}

// showCode returns declarations of a file, with their comments.
func showCode(args []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("want <!-- code: FILE NAME… -->")
	}
	f, err := parseGo(args[0])
	if err != nil {
		return "", err
	}
	var parts []string
	for names := args[1:]; len(names) > 0; {
		part, n, err := f.show(names)
		if err != nil {
			return "", fmt.Errorf("%s: %w", args[0], err)
		}
		parts, names = append(parts, part), names[n:]
	}
	return strings.Join(parts, "\n\n"), nil
}

// show returns the declaration of the first name, and how many of the names
// it covers: neighbours may share one.
func (f *goFile) show(names []string) (text string, n int, err error) {
	for _, d := range f.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch names[0] {
			case funcName(d):
				return f.showFunc(d), 1, nil
			case funcName(d) + "…":
				return f.text(d.Doc, d.Pos(), d.Type.End()), 1, nil
			}
		case *ast.GenDecl:
			var specs []ast.Spec
			for n < len(names) {
				i := slices.IndexFunc(d.Specs, func(s ast.Spec) bool { return slices.Contains(specNames(s), names[n]) })
				if i < 0 {
					break
				}
				if !slices.Contains(specs, d.Specs[i]) {
					specs = append(specs, d.Specs[i])
				}
				n++
			}
			if n > 0 {
				text, err := f.showSpecs(d, specs)
				return text, n, err
			}
		}
	}
	return "", 0, fmt.Errorf("no declaration of %s", names[0])
}

// funcName is "Name", or "Type.Name" of a method.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	recv := d.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	if generic, ok := recv.(*ast.IndexExpr); ok {
		recv = generic.X
	}
	return fmt.Sprintf("%s.%s", recv, d.Name.Name)
}

// showFunc returns a function. What an example prints has a fence of its own.
func (f *goFile) showFunc(d *ast.FuncDecl) string {
	text := f.text(d.Doc, d.Pos(), d.End())
	if strings.HasPrefix(d.Name.Name, "Example") {
		if i := strings.LastIndex(text, "\t// Output:"); i >= 0 {
			text = strings.TrimSpace(text[:i]) + "\n}"
		}
	}
	return text
}

func specNames(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, name := range s.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// showSpecs returns a declaration, or that part of a group that specs are.
func (f *goFile) showSpecs(d *ast.GenDecl, specs []ast.Spec) (string, error) {
	if len(specs) == len(d.Specs) {
		end := d.End()
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok && !d.Lparen.IsValid() && v.Comment != nil {
			end = v.Comment.End()
		}
		return f.text(d.Doc, d.Pos(), end), nil
	}
	var comment string
	var texts []string
	for _, s := range specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			texts = append(texts, f.text(s.Doc, s.Pos(), s.End()))
		case *ast.ValueSpec:
			if s.Values == nil && s.Type == nil {
				return "", fmt.Errorf("%s repeats the value above it: name the whole group", s.Names[0])
			}
			end := s.End()
			if s.Comment != nil {
				end = s.Comment.End()
			}
			if len(specs) == 1 && s.Doc != nil {
				comment = f.text(nil, s.Doc.Pos(), s.Pos())
				s.Doc = nil
			}
			texts = append(texts, f.text(s.Doc, s.Pos(), end))
		}
	}
	text := strings.Join(texts, "\n")
	if len(texts) > 1 {
		text = "(\n" + text + "\n)"
	}
	formatted, err := format.Source([]byte(comment + d.Tok.String() + " " + text))
	return string(formatted), err
}

// showOutput returns what an example prints, as its comment asserts it.
func showOutput(args []string) (string, error) {
	if len(args) != 2 {
		return "", errors.New("want <!-- output: FILE EXAMPLE -->")
	}
	f, err := parseGo(args[0])
	if err != nil {
		return "", err
	}
	for _, e := range doc.Examples(f.ast) {
		if "Example"+e.Name == args[1] && e.Output != "" {
			return e.Output, nil
		}
	}
	return "", fmt.Errorf("%s: no example %s with an output", args[0], args[1])
}

// exportedNames returns the exported types and functions of all packages, in
// the form that weave notes.
func exportedNames(t testing.TB) (names []string) {
	t.Helper()
	for _, dir := range sourceDirs {
		for _, f := range goFiles(t, dir, false) {
			for _, d := range f.ast.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil && d.Name.IsExported() {
						names = append(names, dir+" "+d.Name.Name)
					}
				case *ast.GenDecl:
					for _, s := range d.Specs {
						if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
							names = append(names, dir+" "+s.Name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// goFiles returns the parsed files of a directory, tests or the others.
func goFiles(t testing.TB, dir string, tests bool) (files []*goFile) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") != tests {
			continue
		}
		f, err := parseGo(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

var (
	linkPattern    = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?)\)|^\[[^\]]+\]: (\S+)|(?:src|href)="([^"]+)"`)
	headingPattern = regexp.MustCompile(`^#{1,6} +(.*?)[ #]*$`)
	codePattern    = regexp.MustCompile("`[^`]+`")
	markupPattern  = regexp.MustCompile(`\]\([^)]*\)|[^\p{L}\p{N}_ -]`)
)

// checkLinks checks the links to files of this repository, and to headings.
func (p *page) checkLinks() (faults []string) {
	for i, line := range p.prose() {
		for _, m := range linkPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(line, ""), -1) {
			link := cmp.Or(m[1], m[2], m[3])
			if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
				continue
			}
			if err := p.checkLink(link); err != nil {
				faults = append(faults, p.faultf(i, "link %s: %v", link, err))
			}
		}
	}
	return faults
}

func (p *page) checkLink(link string) error {
	file, anchor, hasAnchor := strings.Cut(link, "#")
	target := p
	if file != "" {
		path := filepath.Join(filepath.Dir(p.path), file)
		if _, err := os.Stat(path); err != nil || !filepath.IsLocal(path) {
			return errors.New("no such file")
		}
		if !hasAnchor {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if target, err = parsePage(path, string(text)); err != nil {
			return err
		}
	}
	if !slices.Contains(target.anchors(), anchor) {
		return errors.New("no such heading")
	}
	return nil
}

// anchors returns the names that GitHub gives to the headings.
func (p *page) anchors() (anchors []string) {
	seen := make(map[string]int)
	for _, heading := range p.headings(0) {
		anchor := strings.ReplaceAll(strings.ToLower(markupPattern.ReplaceAllString(heading, "")), " ", "-")
		seen[anchor]++
		if n := seen[anchor] - 1; n > 0 {
			anchor = fmt.Sprintf("%s-%d", anchor, n)
		}
		anchors = append(anchors, anchor)
	}
	return anchors
}

// headings returns the texts of the headings of a level, or of all for 0.
func (p *page) headings(level int) (texts []string) {
	for _, line := range p.prose() {
		m := headingPattern.FindStringSubmatch(line)
		if m != nil && (level == 0 || strings.HasPrefix(line, strings.Repeat("#", level)+" ")) {
			texts = append(texts, m[1])
		}
	}
	return texts
}

// checkChapter checks the parts of docs/05-….md, which all chapters share.
func (p *page) checkChapter() (faults []string) {
	var n int
	if _, err := fmt.Sscanf(p.path, "docs/%02d-", &n); err != nil {
		return nil
	}
	if got := p.headings(2); !slices.Equal(got, chapterParts) {
		faults = append(faults, p.faultf(0, "parts are %q, want %q", got, chapterParts))
	}
	i := slices.IndexFunc(p.fences, func(f fence) bool { return f.language == "console" })
	if want := fmt.Sprintf("$ go test -run Example_chapter%d -v .", n); i < 0 || p.lines[p.fences[i].start+1] != want {
		faults = append(faults, p.faultf(0, "first thing to run is not %s", want))
	}
	text := p.text()
	if got := strings.Count(text, fmt.Sprintf("`go test -tags exercise -run TestExercise%d", n)); got != 3 {
		faults = append(faults, p.faultf(0, "%d exercises with a test TestExercise%d…, want 3", got, n))
	}
	if got := strings.Count(text, "<details>"); got != 3 {
		faults = append(faults, p.faultf(0, "%d folded hints, want 3", got))
	}
	return faults
}

var (
	promptPattern    = regexp.MustCompile(`^([A-Z]?)\$ (.*)$`)
	interruptPattern = regexp.MustCompile(`^([A-Z]?)\^C$`)
	testNamePattern  = regexp.MustCompile(`^(Test|Example|Benchmark|Fuzz)[A-Z_]\w*$`)
)

// checkCommands checks the commands in console fences and in the prose.
func (p *page) checkCommands(tests map[string][]testName) (faults []string) {
	check := func(line int, command string) {
		if err := checkCommand(command, tests); err != nil {
			faults = append(faults, p.faultf(line, "%s: %v", command, err))
		}
	}
	for _, f := range p.fences {
		if f.language != "console" {
			continue
		}
		if f.end == f.start+1 || !promptPattern.MatchString(p.lines[f.start+1]) && !interruptPattern.MatchString(p.lines[f.start+1]) {
			faults = append(faults, p.faultf(f.start, "console fence does not begin with a command"))
		}
		for i := f.start + 1; i < f.end; i++ {
			if m := promptPattern.FindStringSubmatch(p.lines[i]); m != nil {
				check(i, m[2])
			}
		}
	}
	for i, line := range p.prose() {
		for _, code := range codePattern.FindAllString(line, -1) {
			code = strings.Trim(code, "`")
			if strings.HasPrefix(code, "go run . ") || strings.HasPrefix(code, "go test ") {
				check(i, code)
			} else if testNamePattern.MatchString(code) && !isTest(code, tests) {
				faults = append(faults, p.faultf(i, "there is no %s", code))
			}
		}
	}
	return faults
}

// isTest reports whether any package has a test of that name.
func isTest(name string, tests map[string][]testName) bool {
	for _, names := range tests {
		if slices.ContainsFunc(names, func(n testName) bool { return n.name == name }) {
			return true
		}
	}
	return false
}

// commandWords splits a command line, without the comment at its end.
func commandWords(line string) []string {
	line, _, _ = strings.Cut(line, " # ")
	words := strings.Fields(line)
	for i := range words {
		words[i] = strings.Trim(words[i], `'"`)
	}
	for len(words) > 0 && strings.Contains(words[0], "=") { // NO_COLOR=1 go run …
		words = words[1:]
	}
	return words
}

func checkCommand(line string, tests map[string][]testName) error {
	words := commandWords(line)
	if len(words) == 0 {
		return errors.New("no command")
	}
	known := []string{"git", "cd", "ls", "cat", "rm", "gofmt"}
	switch {
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == ".":
		return checkRun(words[3:])
	case len(words) > 1 && words[0] == "go" && words[1] == "test":
		return checkGoTest(words[2:], tests)
	case len(words) > 1 && words[0] == "go":
		if !slices.Contains([]string{"build", "doc", "mod", "run", "version", "vet"}, words[1]) {
			return fmt.Errorf("unknown command go %s", words[1])
		}
		return nil
	case len(words) > 1 && words[0] == "bash":
		_, err := os.Stat(words[1])
		return err
	case !slices.Contains(known, words[0]):
		return fmt.Errorf("unknown command %s", words[0])
	}
	return nil
}

// checkRun checks that a subcommand of the program and its flags exist.
func checkRun(words []string) error {
	if len(words) == 0 || words[0] == "-h" {
		return nil
	}
	c, ok := findCommand(words[0])
	if !ok {
		return fmt.Errorf("unknown command %q", words[0])
	}
	fs := flag.NewFlagSet(words[0], flag.ContinueOnError)
	fs.String("rpc", "", "")
	fs.Bool("h", false, "")
	if c.flags != nil {
		c.flags(fs, new(options))
	}
	for _, word := range words[1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if strings.HasPrefix(word, "-") && name != "" && fs.Lookup(name) == nil && !unicode.IsDigit(rune(name[0])) {
			return fmt.Errorf("%s has no flag %s", words[0], word)
		}
	}
	return nil
}

func findCommand(name string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

// A testName is a test, example, benchmark or fuzz target.
type testName struct {
	name     string
	exercise bool // under the build tag
}

// testNames returns the tests of each directory.
func testNames(t testing.TB) map[string][]testName {
	t.Helper()
	names := make(map[string][]testName)
	for _, dir := range sourceDirs {
		for _, f := range goFiles(t, dir, true) {
			exercise := bytes.HasPrefix(f.src, []byte("//go:build exercise\n"))
			for _, d := range f.ast.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil {
					names[dir] = append(names[dir], testName{d.Name.Name, exercise})
				}
			}
		}
	}
	return names
}

// checkGoTest checks that the patterns of a go test command match something.
func checkGoTest(words []string, tests map[string][]testName) error {
	fs := flag.NewFlagSet("go test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	runPattern, benchPattern, fuzzPattern := fs.String("run", "", ""), fs.String("bench", "", ""), fs.String("fuzz", "", "")
	patterns := map[string]*string{"Test|Example|Fuzz": runPattern, "Benchmark": benchPattern, "Fuzz": fuzzPattern}
	tags := fs.String("tags", "", "")
	for _, name := range []string{"v", "race", "update", "benchmem"} {
		fs.Bool(name, false, "")
	}
	for _, name := range []string{"count", "gcflags", "fuzztime", "timeout", "bench-time", "benchtime"} {
		fs.String(name, "", "")
	}
	if err := fs.Parse(words); err != nil {
		return err
	}
	var candidates []testName
	for dir, names := range tests {
		everywhere := slices.Contains(fs.Args(), "./...")
		if everywhere || slices.Contains(fs.Args(), "./"+dir) || dir == "." && (fs.NArg() == 0 || fs.Arg(0) == ".") {
			candidates = append(candidates, names...)
		}
	}
	if len(candidates) == 0 {
		return fmt.Errorf("no tests in %q", fs.Args())
	}
	for kind, pattern := range patterns {
		beside := pattern == runPattern && (*benchPattern != "" || *fuzzPattern != "") // it is to match nothing
		if *pattern == "" || beside {
			continue
		}
		first, _, _ := strings.Cut(*pattern, "/")
		re, err := regexp.Compile(first)
		if err != nil {
			return err
		}
		kindPattern := regexp.MustCompile("^(" + kind + ")")
		if !slices.ContainsFunc(candidates, func(n testName) bool {
			return kindPattern.MatchString(n.name) && re.MatchString(n.name) && (!n.exercise || *tags == "exercise")
		}) {
			return fmt.Errorf("%s matches nothing", *pattern)
		}
	}
	return nil
}

// What TestDocs must find.
func TestDocsFaults(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"bare go fence", "```go\nx\n```", "a go fence without"},
		{"open fence", "```text\nx", "fence is not closed"},
		{"no such declaration", "<!-- code: block.go Blok -->\n```go\n```", "no declaration of Blok"},
		{"no such file", "<!-- code: blok.go Block -->\n```go\n```", "blok.go"},
		{"no such example", "<!-- output: docs_test.go Example_no -->\n```text\n```", "no example Example_no"},
		{"wrong fence", "<!-- output: docs_test.go Example_no -->\n```go\n```", "stands above a go fence, not text"},
		{"directive without fence", "<!-- code: block.go Block -->\n\n```go\n```", "no fence follows it"},
		{"unknown directive", "<!-- kode: block.go Block -->\n```text\n```", "directive is unknown"},
		{"no such page", "see [it](docs/no.md)", "no such file"},
		{"outside", "see [it](../LICENSE)", "no such file"},
		{"no such heading", "# A b\n\n[c](#a-c)", "no such heading"},
		{"no such image", `<img src="docs/img/no.svg">`, "no such file"},
		{"no such command", "```console\n$ go run . mine\n```", `unknown command "mine"`},
		{"no such flag", "```console\n$ go run . balance -x A\n```", "balance has no flag -x"},
		{"no such test", "```console\n$ go test -run TestZilch .\n```", "TestZilch matches nothing"},
		{"no such benchmark", "`go test -run '^$' -bench TestDocs .`", "TestDocs matches nothing"},
		{"no such test in the prose", "`go test -run TestZilch ./kademlia`", "TestZilch matches nothing"},
		{"no such test by name", "see `TestZilch`", "there is no TestZilch"},
		{"no such tool", "```console\n$ golly\n```", "unknown command golly"},
		{"no prompt", "```console\ngo run . pool\n```", "does not begin with a command"},
	}
	names := testNames(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePage("page.md", tt.page)
			faults := fmt.Sprint(err)
			if err == nil {
				_, found := p.weave(make(map[string]bool))
				faults = fmt.Sprint(found, p.checkLinks(), p.checkCommands(names))
			}
			if !strings.Contains(faults, tt.want) {
				t.Errorf("got %s, want %s", faults, tt.want)
			}
		})
	}
}

func TestDocsWeave(t *testing.T) {
	tests := []struct{ name, directive, want string }{
		{"method", "code: db.go Block.ref", "func (b *Block) ref() blockRef { return blockRef{b.Header.Height, b.Header.Hash} }"},
		{"method without its body", "code: db.go chain.block…", "func (c chain) block(ref blockRef) (*Block, error)"},
		{"type", "code: pow.go ProofOfWork", "// A ProofOfWork is the search for a nonce that makes a header's work hash\n// small. Bitcoin hashes the same bytes for the work and for the block's name;\n// here the two texts differ in order, so a block's hash shows no zeros.\ntype ProofOfWork struct{ Header *BlockHeader }"},
		{"one of a group", "code: block.go maxTxs", "const maxTxs = 10_000 // transactions in a block"},
		{"one with a comment above", "code: transaction.go Subsidy", "// Subsidy is what a block's coinbase may pay, in coins. Bitcoin halves it\n// every 210,000 blocks and adds the fees; we do neither.\nconst Subsidy = 1000"},
		{"some of a group", "code: block.go ErrMagic ErrHash", "var (\n\tErrMagic = errors.New(\"wrong magic number\")\n\tErrHash  = errors.New(\"hash does not match the header\")\n)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePage("page.md", "<!-- "+tt.directive+" -->\n```go\nstale\n```")
			if err != nil {
				t.Fatal(err)
			}
			got, faults := p.weave(make(map[string]bool))
			if want := "<!-- " + tt.directive + " -->\n```go\n" + tt.want + "\n```"; got != want || faults != nil {
				t.Errorf("got %s\nwant %s\nfaults %v", got, want, faults)
			}
		})
	}
}

func TestDocsAnchors(t *testing.T) {
	p, err := parsePage("page.md", "# Chapter 1: `Block`, hash & _root_\n## The idea\n```text\n# no heading\n```\n## The idea\n### [Run](x.md) it – später")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"chapter-1-block-hash--_root_", "the-idea", "the-idea-1", "run-it--später"}
	if got := p.anchors(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
