package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A program is the Go files of one directory, without its tests.
type program struct {
	dir   string // relative to the module, with slashes
	fset  *token.FileSet
	files []*sourceFile
}

// A sourceFile is one of them.
type sourceFile struct {
	name string // "main.go"
	path string // relative to the module, with slashes
	text []byte
	ast  *ast.File
}

// A function is where one is declared.
type function struct {
	prog *program
	file *sourceFile
	decl *ast.FuncDecl
}

// errNoProgram is the error for a directory that isn't there, or has no Go files.
var errNoProgram = errors.New("no program")

// readProgram reads the Go files of a directory that a build with the tags takes.
// Its errors are for the student, or errNoProgram.
func readProgram(root, dir string, tags ...string) (*program, error) {
	full := filepath.Join(root, filepath.FromSlash(dir))
	entries, err := os.ReadDir(full)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoProgram
	}
	if err != nil {
		return nil, complain("I can't read %s: %v", dir, err)
	}

	p := &program{dir: dir, fset: token.NewFileSet()}
	context := build.Default
	context.BuildTags = tags
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := context.MatchFile(full, name); err == nil && !ok {
			continue // for another system, or left out by a build tag
		}

		text, err := os.ReadFile(filepath.Join(full, name))
		if err != nil {
			return nil, complain("I can't read %s: %v", path.Join(dir, name), err)
		}
		if err := p.add(name, text); err != nil {
			return nil, err
		}
	}
	if len(p.files) == 0 {
		return nil, errNoProgram
	}
	return p, nil
}

// add parses one file, and makes it a part of the program.
func (p *program) add(name string, text []byte) error {
	f := &sourceFile{name: name, path: path.Join(p.dir, name), text: text}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return complain("%s is saved as UTF-16. Go wants UTF-8: your editor's \"Save as\" has a choice for that.", f.path)
	}
	file, err := parser.ParseFile(p.fset, f.path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return explainSyntax(f.path, err)
	}
	if file.Name.Name != "main" {
		return complain("%s begins with \"package %s\". Make that \"package main\" again: it's what makes it a program.", f.path, file.Name.Name)
	}

	f.ast = file
	p.files = append(p.files, f)
	return nil
}

// explainSyntax tells the student where a file stops being Go.
func explainSyntax(name string, err error) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return complain("I can't read %s: %v", name, err)
	}

	first := list[0]
	if strings.Contains(first.Msg, "expected 'package'") {
		return complain("%s should begin with the line \"package main\", but I find something else there. Put that line back on top.", name)
	}
	return complain("%s, line %d: this isn't Go yet: %s.\nLook at that line and the one above: is a bracket, a quote or a comma missing?",
		name, first.Pos.Line, first.Msg)
}

// functionName returns the name of a function as tables of holes write it: "mine",
// or "Block.merkleRoot" for a method.
func functionName(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	return receiverName(decl.Recv.List[0].Type) + "." + decl.Name.Name
}

// receiverName returns the name of a receiver's type, with or without its star.
func receiverName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiverName(t.X)
	case *ast.ParenExpr:
		return receiverName(t.X)
	case *ast.IndexExpr:
		return receiverName(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// find returns the functions with a name: one, if all is well.
func (p *program) find(name string) (found []function) {
	for _, f := range p.files {
		for _, decl := range f.ast.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok && functionName(decl) == name {
				found = append(found, function{p, f, decl})
			}
		}
	}
	return found
}

// where returns the place of the function's first line of code, for people.
func (f function) where() string {
	return text("%s, line %d", f.file.path, f.line())
}

// line returns the number of the first line in the function's body.
func (f function) line() int {
	line := f.prog.fset.Position(f.decl.Pos()).Line
	if f.decl.Body == nil {
		return line
	}

	begin, end := f.prog.fset.Position(f.decl.Body.Lbrace).Line, f.prog.fset.Position(f.decl.Body.Rbrace).Line
	return min(begin+1, end)
}

// isStub reports whether the function is still what cutting left of it.
func (f function) isStub(id string) bool {
	if f.decl.Body == nil || len(f.decl.Body.List) != 1 {
		return false
	}
	var b bytes.Buffer
	err := format.Node(&b, token.NewFileSet(), f.decl.Body.List[0])
	return err == nil && b.String() == stubPanic(id)
}

// text returns the function as it stands in the file, with its comment.
func (f function) text() string {
	from := f.decl.Pos()
	if f.decl.Doc != nil {
		from = f.decl.Doc.Pos()
	}
	return string(f.file.text[f.prog.offset(from):f.prog.offset(f.decl.End())])
}

// hash returns a hash of the function's code. Comments and layout don't count.
func (f function) hash() string {
	code := *f.decl
	code.Doc = nil
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), &code); err != nil {
		b.WriteString(f.text())
	}
	sum := sha256.Sum256(bytes.Join(bytes.Fields(b.Bytes()), []byte(" ")))
	return hex.EncodeToString(sum[:])
}

// signature returns the function's first line: "func (b *Block) json() string".
func (f function) signature() string {
	head := *f.decl
	head.Doc, head.Body = nil, nil
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), &head); err != nil {
		return "func " + f.decl.Name.Name
	}
	return b.String()
}

// sameSignature reports whether two functions are called alike: names of parameters
// don't count, types do.
func sameSignature(a, b function) bool {
	return slices.Equal(signatureTypes(a.decl), signatureTypes(b.decl))
}

// signatureTypes lists the types of receiver, parameters and results.
func signatureTypes(decl *ast.FuncDecl) (types []string) {
	for _, list := range []*ast.FieldList{decl.Recv, decl.Type.TypeParams, decl.Type.Params, decl.Type.Results} {
		types = append(types, "|")
		if list == nil {
			continue
		}
		for _, field := range list.List {
			var b bytes.Buffer
			if err := format.Node(&b, token.NewFileSet(), field.Type); err != nil {
				b.WriteString(err.Error())
			}
			for range max(len(field.Names), 1) {
				types = append(types, b.String())
			}
		}
	}
	return types
}

// offset returns where a position is in its file.
func (p *program) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

var versionPattern = regexp.MustCompile(`^v[0-9]+$`)

// importName returns the name that a file calls an imported package by.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}

	name := importPath(spec)
	if versionPattern.MatchString(path.Base(name)) {
		name = path.Dir(name)
	}
	return path.Base(name)
}

func importPath(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return name
}

// packagesUsed returns the names in front of a dot and an exported name, in a node:
// packages, unless they are variables.
func packagesUsed(node ast.Node) map[string]bool {
	used := make(map[string]bool)
	ast.Inspect(node, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok || !selector.Sel.IsExported() {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok {
			used[x.Name] = true
		}
		return true
	})
	return used
}

// missingImports returns the packages that the reference uses and that the student's
// file doesn't import.
func missingImports(reference, own function) (missing []string) {
	used := packagesUsed(reference.decl)
	have := make(map[string]bool)
	for _, spec := range own.file.ast.Imports {
		have[importPath(spec)] = true
	}

	for _, spec := range reference.file.ast.Imports {
		if used[importName(spec)] && !have[importPath(spec)] {
			missing = append(missing, importPath(spec))
		}
	}
	return missing
}
