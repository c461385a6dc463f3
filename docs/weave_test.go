package docs

import (
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

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
				shown[path.Dir(f.args[0])+" "+strings.TrimSuffix(name, "…")] = true
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

// fenceLanguages are what a fence is, by the directive above it.
var fenceLanguages = map[string]string{
	"code": "go", "diff": "diff", "output": "text", "run": "text", "shell": "text",
	"commands": "console", "log": "text", "lab": "text",
}

// fenceBody returns the lines that belong into f.
func (p *page) fenceBody(f fence) ([]string, error) {
	body := p.lines[f.start+1 : f.end]

	if f.keyword == "" && f.language == "go" {
		return body, errors.New("a go fence without <!-- code: FILE NAME… --> above it")
	}
	if f.keyword == "" && f.language == "diff" {
		return body, errors.New("a diff fence without <!-- diff: FILE NAME… --> above it")
	}
	if f.keyword != "" && f.language != fenceLanguages[f.keyword] {
		return body, fmt.Errorf("<!-- %s --> stands above a %s fence, not %s", f.keyword, f.language, fenceLanguages[f.keyword])
	}

	var text string
	var err error
	switch f.keyword {
	case "code":
		text, err = showCode(f.args)
	case "diff":
		text, err = showDiff(f.args)
	case "run":
		text, err = showRun(f.args)
	case "shell":
		text, err = p.showShell(f)
	case "output":
		text, err = showOutput(f.args)
	default:
		return body, nil
	}
	if err != nil {
		return body, err
	}
	return strings.Split(strings.Trim(text, "\n"), "\n"), nil
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
	path string
	src  []byte
	fset *token.FileSet
	ast  *ast.File
}

func parseGo(path string) (*goFile, error) {
	src, err := fs.ReadFile(repository, path)
	if err != nil {
		return nil, err
	}
	return parseSource(path, src)
}

func parseSource(path string, src []byte) (*goFile, error) {
	f := &goFile{path: path, src: src, fset: token.NewFileSet()}
	var err error
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
	if names[0] == "import" || names[0] == "package" {
		if d := listing(f.declarations()).find(path.Base(f.path), names[0]); d != nil {
			return d.text, 1, nil
		}
	}

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
		return f.text(d.Doc, d.Pos(), f.endOf(d)), nil
	}

	var comment string
	var texts []string
	for _, s := range specs {
		var above *ast.CommentGroup
		switch s := s.(type) {
		case *ast.TypeSpec:
			above = s.Doc
		case *ast.ValueSpec:
			if s.Values == nil && s.Type == nil {
				return "", fmt.Errorf("%s repeats the value above it: name the whole group", s.Names[0])
			}
			above = s.Doc
		}

		if len(specs) == 1 && above != nil { // the comment goes above the keyword
			comment = f.text(nil, above.Pos(), s.Pos())
			above = nil
		}
		texts = append(texts, f.text(above, s.Pos(), f.endOf(s)))
	}

	text := strings.Join(texts, "\n")
	if len(texts) > 1 {
		text = "(\n" + text + "\n)"
	}
	formatted, err := format.Source([]byte(comment + d.Tok.String() + " " + text))
	return string(formatted), err
}

// endOf returns where a declaration, or one of a group, ends, with the comment
// behind it.
func (f *goFile) endOf(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.GenDecl:
		if !n.Lparen.IsValid() {
			return f.endOf(n.Specs[0])
		}
	case *ast.ImportSpec:
		if n.Comment != nil {
			return n.Comment.End()
		}
	case *ast.ValueSpec:
		if n.Comment != nil {
			return n.Comment.End()
		}
	case *ast.TypeSpec:
		if n.Comment != nil {
			return n.Comment.End()
		}
	}
	return n.End()
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
				for _, name := range exported(d) {
					names = append(names, dir+" "+name)
				}
			}
		}
	}
	return names
}

// exported returns the exported types that a declaration declares, or its
// exported function.
func exported(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
				names = append(names, s.Name.Name)
			}
		}
	}
	return names
}

// goFiles returns the parsed files of a directory, tests or the others.
func goFiles(t testing.TB, dir string, tests bool) (files []*goFile) {
	t.Helper()
	paths, err := fs.Glob(repository, path.Join(dir, "*.go"))
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

func TestDocsWeave(t *testing.T) {
	tests := []struct{ name, directive, want string }{
		{"type", "code: docs/testdata/shapes.go Square", "// A Square is as wide as it is high.\ntype Square struct{ side int }"},
		{"method", "code: docs/testdata/shapes.go Square.area", "func (s *Square) area() int { return s.side * s.side }"},
		{"method without its body", "code: docs/testdata/shapes.go Square.grow…", "// grow returns a square that is n wider.\nfunc (s Square) grow(n int) (Square, error)"},
		{"one of a group", "code: docs/testdata/shapes.go minSide", "const minSide = 1 // a length too"},
		{"one with a comment above", "code: docs/testdata/shapes.go maxSide", "// maxSide holds for all shapes.\n// It is a length.\nconst maxSide = 1000"},
		{"some of a group", "code: docs/testdata/shapes.go ErrSmall ErrLarge", "var (\n\tErrSmall = errors.New(\"too small\")\n\tErrLarge = errors.New(\"too large\")\n)"},
		{"several", "code: docs/testdata/shapes.go Square.area Square", "func (s *Square) area() int { return s.side * s.side }\n\n// A Square is as wide as it is high.\ntype Square struct{ side int }"},
		{"package and imports", "code: docs/testdata/shapes.go package import", "// Package shapes has a declaration of each form that a page may show.\npackage shapes\n\nimport \"errors\""},
		{"diff of imports that moved", "diff: docs/testdata/step2/voice.go import shout", "-import (\n-\t\"fmt\"\n-\t\"os\"\n-)\n+import \"strings\"\n\n+// shout returns a loud greeting.\n+func shout(name string) string {\n+\treturn strings.ToUpper(greet(name)) + \"!\"\n+}"},
		{"diff of what is dropped", "diff: docs/testdata/step2/main.go leave", "-// leave ends the program.\n-func leave() { os.Exit(1) }"},
		{"diff of a group", "diff: docs/testdata/step2/main.go alice carol", " // The people, by their names.\n const (\n \talice = \"Alice\"\n \tbob   = \"Bob\"\n+\tcarol = \"Carol\"\n )"},
		{"shell", "shell", "one\ntwo"},
		{"run", "run: docs/testdata/step2 3", "Carol comes.\nHELLO, CAROL!"},
		{"some of a run", "run: docs/testdata/step2 2-3", "Bob comes.\nHello, Bob\n\nCarol comes.\nHELLO, CAROL!"},
		{"run that fails", "run: docs/testdata/step2 4 -- -v x", "They hear: [-v x]\ntoo late\nexit status 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			keyword, _, _ := strings.Cut(tt.directive, ":")
			fence := "```sh\necho one\necho two\n```\n\n<!-- " + tt.directive + " -->\n```" + fenceLanguages[keyword] + "\n"
			if got, want := weaveText(t, fence+"stale\n```"), fence+tt.want+"\n```"; got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}
