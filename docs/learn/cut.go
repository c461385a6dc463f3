package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
)

// stubPanic is the statement that a cut function consists of.
func stubPanic(id string) string {
	return fmt.Sprintf("panic(%q)", id+" is yours to write")
}

// cut returns the file without the bodies of its holes, which are given as function
// name → ID, and without the imports that nothing needs any more. Everything else
// stays as it is, the comments above the holes too.
func (p *program) cut(f *sourceFile, holes map[string]string) ([]byte, error) {
	var edits []edit
	for _, decl := range f.ast.Decls {
		decl, ok := decl.(*ast.FuncDecl)
		if !ok || decl.Body == nil {
			continue
		}
		if id, ok := holes[functionName(decl)]; ok {
			body := fmt.Sprintf("{\n\t// your turn: %s\n\t%s\n}", id, stubPanic(id))
			edits = append(edits, edit{p.offset(decl.Body.Lbrace), p.offset(decl.Body.Rbrace) + 1, body})
		}
	}
	return dropUnusedImports(applyEdits(f.text, edits))
}

// An edit puts a text in place of the bytes from … to.
type edit struct {
	from, to int
	text     string
}

// applyEdits returns the text with all edits made. They don't overlap.
func applyEdits(text []byte, edits []edit) []byte {
	text = slices.Clone(text)
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from }) // the last first: it moves no other
	for _, e := range edits {
		text = slices.Replace(text, e.from, e.to, []byte(e.text)...)
	}
	return text
}

// dropUnusedImports returns a file as gofmt has it, without the imports that it
// doesn't use.
func dropUnusedImports(text []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}

	used := packagesUsed(file)
	var edits []edit
	for _, decl := range file.Decls {
		imports, ok := decl.(*ast.GenDecl)
		if !ok || imports.Tok != token.IMPORT {
			continue
		}

		var unused []ast.Node
		for _, spec := range imports.Specs {
			name := importName(spec.(*ast.ImportSpec))
			if name != "_" && name != "." && !used[name] {
				unused = append(unused, spec)
			}
		}
		if len(unused) == len(imports.Specs) {
			unused = []ast.Node{imports}
		}
		for _, node := range unused {
			edits = append(edits, wholeLines(fset, text, node))
		}
	}
	return format.Source(applyEdits(text, edits))
}

// wholeLines returns the edit that removes the lines on which a node stands.
func wholeLines(fset *token.FileSet, text []byte, node ast.Node) edit {
	from, to := fset.Position(node.Pos()).Offset, fset.Position(node.End()).Offset
	for from > 0 && text[from-1] != '\n' {
		from--
	}
	for to < len(text) && text[to] != '\n' {
		to++
	}
	return edit{from, min(to+1, len(text)), ""}
}
