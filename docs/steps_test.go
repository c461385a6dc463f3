package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// The pages show every line of the programs docs/step1, docs/step2 and so on:
// whoever types what the page of a step shows, into the program of the step
// before, has the step's program.
func TestSteps(t *testing.T) {
	dirs := stepDirs(t)
	for i, dir := range dirs {
		n := stepNumber(dir)
		if n != i+1 {
			t.Fatalf("steps are %q, want 1, 2 and so on", dirs)
		}
		t.Run(path.Base(dir), func(t *testing.T) {
			if err := checkPlain(dir); err != nil {
				t.Error(err)
			}

			pages, err := fs.Glob(repository, fmt.Sprintf("docs/%02d-*.md", n))
			if err != nil || len(pages) != 1 {
				t.Fatalf("pages are %q, %v; want one", pages, err)
			}
			for _, fault := range readPage(t, pages[0]).checkStep(dir) {
				t.Error(fault)
			}
		})
	}
}

func stepDirs(t testing.TB) []string {
	t.Helper()
	dirs, err := fs.Glob(repository, "docs/step[0-9]")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("steps are %q, %v", dirs, err)
	}
	return dirs
}

// checkStep types what the page shows of a step's program into the program of
// the step before, and compares the result with the step's.
func (p *page) checkStep(dir string) (faults []string) {
	after, err := readStep(dir)
	if err != nil {
		return []string{err.Error()}
	}
	typed, err := readStepBefore(dir)
	if err != nil {
		return []string{err.Error()}
	}

	for _, f := range p.fences {
		if (f.keyword != "code" && f.keyword != "diff") || len(f.args) == 0 || path.Dir(f.args[0]) != dir {
			continue
		}
		file := path.Base(f.args[0])
		if !slices.ContainsFunc(after, func(d declaration) bool { return d.file == file }) {
			continue // a test, or a file with a build tag
		}

		text := strings.Join(p.lines[f.start+1:f.end], "\n")
		if f.keyword == "code" {
			typed, err = typed.typeCode(file, text)
		} else {
			typed, err = typed.typeDiff(file, text, after, f.args[1:])
		}
		if err != nil {
			faults = append(faults, p.faultf(f.start, "whoever types this: %v", err))
		}
	}

	for _, difference := range differences(typed.units(), after.units()) {
		faults = append(faults, fmt.Sprintf("%s: %s: %s", p.path, dir, difference))
	}
	return faults
}

// differences compares what the reader of a page has with what there should be.
func differences(got, want map[string]string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if text, ok := got[name]; !ok {
			all = append(all, name+" is new, and the page does not show it")
		} else if text != want[name] {
			all = append(all, fmt.Sprintf("%s has changed, and the page does not show how\n%s", name, firstDifference(want[name], text)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			all = append(all, name+" is gone, and no diff of the page shows that")
		}
	}
	return all
}

// typeCode adds declarations to a program, or puts them in place of those with
// the same names. What the text shows in part, a function without its body, is
// left alone.
func (l listing) typeCode(file, text string) (listing, error) {
	added, err := parseTyped(file, text)
	if err != nil {
		return l, err
	}

	typed := l
	for _, d := range added {
		isOld := false
		for i, name := range d.names {
			old := l.find(file, name)
			if old == nil || !slices.ContainsFunc(old.names, func(name string) bool { return !d.is(name) }) {
				continue
			}
			if old.units[slices.Index(old.names, name)] != d.units[i] {
				return l, fmt.Errorf("%s is in a group: show the group, or a diff", name)
			}
			isOld = true // part of a group, shown once more
		}
		if !isOld {
			typed = append(typed.without(file, d.names), d)
		}
	}
	return typed, nil
}

// without returns a program without some declarations.
func (l listing) without(file string, names []string) listing {
	return slices.DeleteFunc(slices.Clone(l), func(d declaration) bool {
		return d.is(names...) && (d.file == file || !d.is("import", "package"))
	})
}

// parseTyped returns the declarations of a fence, which may lack a package clause.
func parseTyped(file, text string) (all listing, err error) {
	f, err := parseSource(file, []byte(text))
	isPart := err != nil
	if isPart {
		if f, err = parseSource(file, []byte("package main\n\n"+text)); err != nil {
			return nil, err
		}
	}

	for _, d := range f.declarations() {
		if d.is("package") && isPart || f.isSignature(d) {
			continue
		}
		all = append(all, d)
	}
	return all, nil
}

// isSignature reports whether d is a function without a body.
func (f *goFile) isSignature(d declaration) bool {
	return slices.ContainsFunc(f.ast.Decls, func(decl ast.Decl) bool {
		fn, ok := decl.(*ast.FuncDecl)
		return ok && fn.Body == nil && fn.End() == d.to
	})
}

// typeDiff carries out a diff of declarations with these names. The step's
// program, after, only says which declarations they are.
func (l listing) typeDiff(file, text string, after listing, names []string) (listing, error) {
	all, err := changes(l, after, file, names)
	if err != nil {
		return l, err
	}

	var before []string
	typed := l
	for _, c := range all {
		if c.before == nil {
			continue
		}
		before = append(before, strings.Split(c.before.text+"\n", "\n")...)
		if !c.isCopy {
			typed = typed.without(c.before.file, c.before.names)
		}
	}

	lines, err := patch(before, strings.Split(text, "\n"))
	if err != nil {
		return l, err
	}
	added, err := parseTyped(file, strings.Join(lines, "\n"))
	return append(slices.Clone(typed), added...), err
}

// patch carries out a diff as diffLines and leaveOut make it, of declarations that
// are parted by an empty line.
func patch(before, diff []string) (after []string, err error) {
	at := 0 // before[:at] is done
	for i, line := range diff {
		switch {
		case line == leftOut:
			n := findLines(before[at:], diff[i+1:])
			if n < 0 {
				return nil, fmt.Errorf("what follows … in line %d is not there", i+1)
			}
			after = append(after, before[at:at+n]...)
			at += n
		case line == "" && (at == len(before) || before[at] != ""):
			after = append(after, "") // before a new declaration
		case strings.HasPrefix(line, "+"):
			after = append(after, line[1:])
		default:
			if at == len(before) || before[at] != unmarked(line) {
				return nil, fmt.Errorf("line %d is not there: %s", i+1, line)
			}
			if !strings.HasPrefix(line, "-") {
				after = append(after, before[at])
			}
			at++
		}
	}
	if at < len(before) && (at < len(before)-1 || before[at] != "") {
		return nil, fmt.Errorf("%d lines follow that the diff lacks", len(before)-at)
	}
	return after, nil
}

func unmarked(line string) string {
	if line == "" {
		return ""
	}
	return line[1:]
}

// findLines returns where the lines begin that a diff shows up to its next gap, or -1.
func findLines(before, diff []string) int {
	var shown []string
	for _, line := range diff {
		if line == leftOut || line == "" && len(shown) > 0 {
			break
		}
		if !strings.HasPrefix(line, "+") {
			shown = append(shown, unmarked(line))
		}
	}
	for i := 0; i+len(shown) <= len(before); i++ {
		if slices.Equal(before[i:i+len(shown)], shown) {
			return i
		}
	}
	return -1
}

// checkPlain checks that a step is a plain program: it imports nothing of the
// project, does one thing at a time, and has no comment that stands alone, which
// no page could show.
func checkPlain(dir string) error {
	files, err := stepFiles(dir)
	if err != nil {
		return err
	}
	var faults []error
	for _, f := range files {
		faults = append(faults, f.checkImports(), f.checkSequential(), f.checkComments())
		if formatted, err := format.Source(f.src); err != nil || !bytes.Equal(formatted, f.src) {
			faults = append(faults, fmt.Errorf("%s: not as gofmt has it", f.path))
		}
	}
	return errors.Join(faults...)
}

func (f *goFile) checkImports() error {
	for _, s := range f.ast.Imports {
		for _, refused := range []string{"gosimpleblockchain", "sync"} {
			if name := strings.Trim(s.Path.Value, `"`); name == refused || strings.HasPrefix(name, refused+"/") {
				return fmt.Errorf("%s: imports %s", f.path, name)
			}
		}
	}
	return nil
}

func (f *goFile) checkSequential() (err error) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		what := ""
		switch n := n.(type) {
		case *ast.GoStmt:
			what = "go statement"
		case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
			what = "channel"
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				what = "channel"
			}
		}
		if what != "" {
			err = fmt.Errorf("%s: has a %s", f.fset.Position(n.Pos()), what)
		}
		return err == nil
	})
	return err
}

func (f *goFile) checkComments() error {
	declarations := f.declarations()
	for _, c := range f.ast.Comments {
		if !slices.ContainsFunc(declarations, func(d declaration) bool { return d.from <= c.Pos() && c.End() <= d.to }) {
			return fmt.Errorf("%s: this comment belongs to no declaration: %.50s", f.fset.Position(c.Pos()), c.Text())
		}
	}
	return nil
}

// stepPage is a page that shows all of docs/testdata/step2.
const stepPage = `# Chapter 2

<!-- diff: docs/testdata/step2/main.go package carol -->
` + "```diff" + `
-// Step 1 greets.
+// Step 2 greets and shouts.
 package main

 // The people, by their names.
 const (
 	alice = "Alice"
 	bob   = "Bob"
+	carol = "Carol"
 )
` + "```" + `

Move greet into a new file, voice.go.

<!-- code: docs/testdata/step2/voice.go import shout -->
` + "```go" + `
import "strings"

// shout returns a loud greeting.
func shout(name string) string {
	return strings.ToUpper(greet(name)) + "!"
}
` + "```" + `

<!-- code: docs/testdata/step2/voice.go greet… -->
` + "```go" + `
// greet returns a greeting.
func greet(name string) string
` + "```" + `

<!-- diff: docs/testdata/step2/main.go leave main -->
` + "```diff" + `
-// leave ends the program.
-func leave() { os.Exit(1) }

 func main() {
 	fmt.Println("Alice comes.")
 	fmt.Println(greet(alice))

 	fmt.Println("\nBob comes.")
 	fmt.Println(greet(bob))

-	if !loud || quiet {
-		leave()
+	fmt.Println("\nCarol comes.")
+	fmt.Println(shout(carol))
+
+	if len(os.Args) > 1 {
+		fmt.Println("\nThey hear:", os.Args[1:])
+		fmt.Fprintln(os.Stderr, "too late")
+		os.Exit(3)
 	}
 }
` + "```" + `
`

// What TestSteps must find.
func TestStepsFaults(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"a new function", " import shout -->", " import -->", "shout is new, and the page does not show it"},
		{"a function without its body", " import shout -->", " import shout… -->", "shout is new"},
		{"imports of a new file", " import shout -->", " shout -->", "import of voice.go is new"},
		{"a package comment", " package carol -->", " carol -->", "package of main.go has changed"},
		{"a change", " leave main -->", " leave -->", "main has changed"},
		{"a dropped function", " leave main -->", " main -->", "leave is gone"},
		{"a group", " package carol -->", " package -->", "carol is new"},
		{"part of a group with a comment", "<!-- diff: docs/testdata/step2/main.go leave", "<!-- code: docs/testdata/step2/main.go alice -->\n```go\n```\n\n<!-- diff: docs/testdata/step2/main.go leave", "alice is in a group"},
		{"part of a group without", "<!-- diff: docs/testdata/step2/main.go leave", "<!-- code: docs/testdata/step2/main.go quiet -->\n```go\n```\n\n<!-- diff: docs/testdata/step2/main.go leave", ""},
		{"a function once more", " import shout -->", " import shout greet -->", ""},
		{"the whole for a diff", "<!-- diff: docs/testdata/step2/main.go leave main -->\n```diff", "<!-- diff: docs/testdata/step2/main.go leave -->\n```diff\n```\n\n<!-- code: docs/testdata/step2/main.go main -->\n```go", ""},
		{"a diff twice", " leave main -->", " main -->\n```diff\n```\n\n<!-- diff: docs/testdata/step2/main.go leave main -->", "is not there"},
		{"a challenge", "Move greet", "<!-- code: docs/testdata/step2/extra.go whisper -->\n```go\n```\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			woven := weaveText(t, strings.Replace(stepPage, tt.old, tt.new, 1))
			p, err := parsePage("page.md", woven)
			if err != nil {
				t.Fatal(err)
			}
			faults := strings.Join(p.checkStep("docs/testdata/step2"), "\n")
			if tt.want == "" && faults != "" || !strings.Contains(faults, tt.want) {
				t.Errorf("got %q, want %q\n%s", faults, tt.want, woven)
			}
		})
	}

	t.Run("woven", func(t *testing.T) {
		if woven := weaveText(t, stepPage); woven != stepPage {
			t.Errorf("%s\n%s", firstDifference(woven, stepPage), woven)
		}
	})
	t.Run("a stale diff", func(t *testing.T) {
		p, err := parsePage("page.md", strings.Replace(stepPage, " 	bob   =", " 	bert  =", 1))
		if err != nil {
			t.Fatal(err)
		}
		if faults := fmt.Sprint(p.checkStep("docs/testdata/step2")); !strings.Contains(faults, "page.md:4: whoever types this: line 8 is not there") {
			t.Error(faults)
		}
	})
}

// Any step can be typed from diffs of all that has changed.
func TestStepsAsDiffs(t *testing.T) {
	for _, dir := range stepDirs(t)[1:] {
		t.Run(path.Base(dir), func(t *testing.T) {
			after, err := readStep(dir)
			if err != nil {
				t.Fatal(err)
			}
			before, err := readStepBefore(dir)
			if err != nil {
				t.Fatal(err)
			}

			changed := make(map[string][]string) // file → names
			for _, d := range after {
				old := before.find(d.file, d.names...)
				if old == nil || old.text != d.text {
					changed[d.file] = append(changed[d.file], d.names...)
				}
			}
			for _, d := range before {
				if after.find(d.file, d.names...) == nil {
					changed["main.go"] = append(changed["main.go"], d.names...)
				}
			}

			var text strings.Builder
			for _, file := range slices.Sorted(maps.Keys(changed)) { // block.go is made of main.go, so it comes first
				fmt.Fprintf(&text, "<!-- diff: %s/%s %s -->\n```diff\n```\n", dir, file, strings.Join(changed[file], " "))
			}
			p, err := parsePage("page.md", weaveText(t, text.String()))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range p.checkStep(dir) {
				t.Error(fault)
			}
		})
	}
}

// weaveText returns a page's text as the source wants it.
func weaveText(t *testing.T, text string) string {
	t.Helper()
	p, err := parsePage("page.md", text)
	if err != nil {
		t.Fatal(err)
	}
	woven, faults := p.weave(make(map[string]bool))
	if faults != nil {
		t.Fatal(faults)
	}
	return woven
}

// What makes a step more than a plain program.
func TestPlainFaults(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"nothing", "// Package main is plain.\npackage main\n\nimport \"fmt\" // to print\n\nfunc main() { fmt.Println() }\n", ""},
		{"a goroutine", "package main\n\nfunc main() { go main() }\n", "go statement"},
		{"a channel", "package main\n\nvar c chan int\n", "channel"},
		{"a lock", "package main\n\nimport \"sync/atomic\"\n", "imports sync/atomic"},
		{"the project", "package main\n\nimport \"gosimpleblockchain/wire\"\n", "imports gosimpleblockchain/wire"},
		{"a comment alone", "package main\n\n// x\n\nfunc main() {}\n", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := parseSource("main.go", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			err = errors.Join(f.checkImports(), f.checkSequential(), f.checkComments())
			if got := fmt.Sprint(err); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
