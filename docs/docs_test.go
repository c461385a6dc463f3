// Package docs tests the pages: README.md and the like, and those in docs. It
// reads the source and drives the built program, and imports neither.
//
// The pages are woven from the source. HTML comments, which a reader does not
// see, say what stands below:
//
//	<!-- code: block.go BlockHeader ProofOfWork.Run -->   above a go fence
//	<!-- diff: docs/step2/main.go import newBlock -->     above a diff fence
//	<!-- run: docs/step2 -->                              above a text fence
//	<!-- shell -->                                        above a text fence
//	<!-- output: chapter8_test.go Example_chapter8 -->    above a text fence
//
// and `go test ./docs -run TestDocs -update` writes it there.
//
// code shows declarations. A name that ends in … shows a function without its
// body; import is what the file imports, and package its first line with the
// comment above.
//
// diff shows how declarations of a step differ from those of the step before. One
// that the step drops may be named too. Of a long one it shows what is near a
// change.
//
// run shows what `go run ./docs/step2` prints. A number or two choose paragraphs
// of it, and what follows -- goes to the program:
//
//	<!-- run: docs/step2 3 -->
//	<!-- run: docs/step2 3-5 -->
//	<!-- run: docs/step2 1 -- -bits 8 -->
//
// shell shows what the sh fence above it prints.
//
// A console fence is a transcript, which TestDocsTranscripts replays. "$ " is a
// terminal of the reader's only machine, and so are "T1$ " and "T2$ "; "A$ " is
// one of machine A's. The nodes of a page live until a line ^C (T1^C, A^C) or the
// end of the page. What runs on, as a node does, is the last command of its
// terminal, or of its fence where the prompts do not say which terminal. What
// watch should print is compared when it ends. For the rest:
//
//	<!-- commands -->   above a console fence: no transcript, only checked
//	<!-- log: A -->     above a text fence: lines that a node of A has printed
//	<!-- lab -->        above a text fence: lines for the lab, which TestDocsLab carries out
package docs

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update", false, "write the declarations and outputs that the pages name into them")

// repository is where the pages and the source are, under the names that the
// pages give them.
var repository = os.DirFS(root)

const root = ".."

// sourceDirs are the packages whose exported names the pages must show.
var sourceDirs = []string{".", "e2e", "kademlia", "network", "rpc", "view", "wire"}

// Pages say what the code does, for they are made from it; what they name or
// link to exists.
func TestDocs(t *testing.T) {
	tests := testNames(t)
	shown := make(map[string]bool)
	for _, path := range pagePaths(t) {
		t.Run(path, func(t *testing.T) {
			p := readPage(t, path)

			woven, faults := p.weave(shown)
			switch {
			case woven == p.text():
			case *updateDocs:
				if err := write(path, woven); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("%s differs from the source: run `go test ./docs -run TestDocs -update`\n%s", path, firstDifference(woven, p.text()))
			}

			faults = slices.Concat(faults, p.checkLinks(), p.checkCommands(tests), p.checkTerminals(), p.checkChapter(p.holesFile()))
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
		found, err := fs.Glob(repository, pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, ".zh.md") }) // zh_test.go
	if len(paths) == 0 {
		t.Fatal("there are no pages")
	}
	return paths
}

// write writes a file of the repository.
func write(path, text string) error {
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(path)), []byte(text), 0o644)
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
	keyword    string   // of the directive above: "code", "run", "commands" and so on, or ""
	args       []string // of the directive
}

var (
	fencePattern     = regexp.MustCompile("^ {0,3}(```+|~~~+) *([a-z]*)")
	strayPattern     = regexp.MustCompile(`^<!-- *(\w+:|commands\b|log\b|lab\b|shell\b)`)
	directivePattern = regexp.MustCompile(`^<!-- *(code|diff|run|shell|output|commands|log|lab)\b:? *(.*?) *-->$`)
)

func readPage(t testing.TB, path string) *page {
	t.Helper()
	text, err := fs.ReadFile(repository, path)
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
	p := &page{path: path, lines: strings.Split(text, "\n")}
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
		name := path.Join(path.Dir(p.path), file)
		if _, err := fs.Stat(repository, name); err != nil {
			return errors.New("no such file")
		}
		if !hasAnchor {
			return nil
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		if target, err = parsePage(name, string(text)); err != nil {
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
		anchor := anchorOf(heading)
		seen[anchor]++
		if n := seen[anchor] - 1; n > 0 {
			anchor = fmt.Sprintf("%s-%d", anchor, n)
		}
		anchors = append(anchors, anchor)
	}
	for _, line := range p.prose() {
		if m := idPattern.FindStringSubmatch(line); m != nil {
			anchors = append(anchors, m[1])
		}
	}
	return anchors
}

func anchorOf(heading string) string {
	return strings.ReplaceAll(strings.ToLower(markupPattern.ReplaceAllString(heading, "")), " ", "-")
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

// What TestDocs must find.
func TestDocsFaults(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"bare go fence", "```go\nx\n```", "a go fence without"},
		{"bare diff fence", "```diff\nx\n```", "a diff fence without"},
		{"diff of nothing", "<!-- diff: docs/testdata/step2/main.go Blok -->\n```diff\n```", "no declaration of Blok, nor in the step before"},
		{"diff of a first step", "<!-- diff: docs/testdata/step1/main.go greet -->\n```diff\n```", "there is no step before"},
		{"diff of no step", "<!-- diff: block.go Block -->\n```diff\n```", "there is no step before"},
		{"diff of what stays", "<!-- diff: docs/testdata/step2/main.go loud -->\n```diff\n```", "loud is the same in the step before"},
		{"diff in the wrong file", "<!-- diff: docs/testdata/step2/main.go shout -->\n```diff\n```", "shout is in voice.go"},
		{"no shell", "<!-- shell -->\n```text\n```", "no sh fence above"},
		{"shell that fails", "```sh\nfalse\n```\n<!-- shell -->\n```text\n```", "sh: exit status 1"},
		{"no such program", "<!-- run: docs/step99 -->\n```text\n```", "docs/step99: no program"},
		{"no such paragraph", "<!-- run: docs/testdata/step1 9 -->\n```text\n```", "there are 2 paragraphs"},
		{"paragraphs and more", "<!-- run: docs/testdata/step1 1 2 -->\n```text\n```", "want one number"},
		{"open fence", "```text\nx", "fence is not closed"},
		{"no such declaration", "<!-- code: block.go Blok -->\n```go\n```", "no declaration of Blok"},
		{"no such file", "<!-- code: blok.go Block -->\n```go\n```", "blok.go"},
		{"no such example", "<!-- output: docs/docs_test.go Example_no -->\n```text\n```", "no example Example_no"},
		{"wrong fence", "<!-- output: docs/docs_test.go Example_no -->\n```go\n```", "stands above a go fence, not text"},
		{"directive without fence", "<!-- code: block.go Block -->\n\n```go\n```", "no fence follows it"},
		{"unknown directive", "<!-- kode: block.go Block -->\n```text\n```", "directive is unknown"},
		{"no such page", "see [it](docs/no.md)", "no such file"},
		{"outside", "see [it](../LICENSE)", "no such file"},
		{"no such heading", "# A b\n\n[c](#a-c)", "no such heading"},
		{"no such image", `<img src="docs/img/no.svg">`, "no such file"},
		{"no such command", "```console\n$ go run . dig\n```", `unknown command "dig"`},
		{"no such flag", "```console\n$ go run . balance -x A\n```", "balance has no flag -x"},
		{"no such test", "```console\n$ go test -run TestZilch .\n```", "TestZilch matches nothing"},
		{"no such benchmark", "`go test -run '^$' -bench TestDocs .`", "TestDocs matches nothing"},
		{"no such test in the prose", "`go test -run TestZilch ./kademlia`", "TestZilch matches nothing"},
		{"no package after a test's own flag", "`go test -run TestDocs -update ./docs`", "name packages first"},
		{"no tests in a package", "`go test ./docs/img`", "no tests in"},
		{"no such test by name", "see `TestZilch`", "there is no TestZilch"},
		{"no such tool", "```console\n$ golly\n```", "unknown command golly"},
		{"no such step", "```console\n$ go run ./docs/step99 print\n```", "no program in docs/step99"},
		{"no such step in the prose", "`go run ./docs/step99`", "no program in docs/step99"},
		{"no such step of the reader's", "`go run ./_mine/step99`", "no program in docs/step99"},
		{"a node in the way", "```console\n$ go run . start\n$ go run . pool\n```", "this terminal still runs go run . start"},
		{"a watch in the way", "<!-- commands -->\n```console\n$ go run . watch -q\n$ go run . pool\n```", "this terminal still runs go run . watch -q"},
		{"a lab in the way", "<!-- commands -->\n```console\n$ go run . lab -play fork\n$ go run . pool\n```", "this terminal still runs go run . lab"},
		{"learn in the way", "```console\nT2$ go run ./docs/learn watch\n```\n```console\nT2$ go run . pool\n```", "this terminal still runs go run ./docs/learn watch"},
		{"a machine's node in the way", "```console\nA$ go run . start\nA$ go run . pool\n```", "this terminal still runs go run . start"},
		{"no prompt", "```console\ngo run . pool\n```", "does not begin with a command"},
	}
	names := testNames(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePage("page.md", tt.page)
			faults := fmt.Sprint(err)
			if err == nil {
				_, found := p.weave(make(map[string]bool))
				faults = fmt.Sprint(found, p.checkLinks(), p.checkCommands(names), p.checkTerminals())
			}
			if !strings.Contains(faults, tt.want) {
				t.Errorf("got %s, want %s", faults, tt.want)
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
