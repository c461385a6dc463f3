package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// declared returns the names that a declaration declares, with the node to remove for
// each: "Block", "BlockHeader.work", …
func declared(decl ast.Decl) map[string]ast.Node {
	names := make(map[string]ast.Node)
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		names[functionName(decl)] = decl
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			var node ast.Node = spec
			if !decl.Lparen.IsValid() {
				node = decl
			}
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names[spec.Name.Name] = node
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names[name.Name] = node
				}
			}
		}
	}
	return names
}

// graft returns the overlay that puts a solution's files into a directory of the
// module: what they declare is taken out of the directory's own files. Changed files
// are written to scratch.
func graft(t *testing.T, root, dir string, solutions []string, scratch string) map[string]string {
	t.Helper()
	overlay := make(map[string]string)
	replaced := make(map[string]bool)
	for i, solution := range solutions {
		text := readFile(t, solution)
		file, err := parser.ParseFile(token.NewFileSet(), solution, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			for name := range declared(decl) {
				replaced[name] = true
			}
		}
		absolute, err := filepath.Abs(solution)
		if err != nil {
			t.Fatal(err)
		}
		overlay[path.Join(dir, "grafted_"+string(rune('a'+i))+".go")] = absolute
	}

	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(dir)))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, changed, err := without([]byte(readFile(t, filepath.Join(root, filepath.FromSlash(dir), name))), replaced)
		if err != nil {
			t.Fatalf("%s/%s: %v", dir, name, err)
		}
		if changed {
			rest := filepath.Join(scratch, strings.ReplaceAll(dir, "/", "_")+"_"+name)
			writeFile(t, rest, string(text))
			overlay[path.Join(dir, name)] = rest
		}
	}
	return overlay
}

// without returns a file without some declarations, and without imports that it
// doesn't need any more.
func without(text []byte, names map[string]bool) (_ []byte, changed bool, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, false, err
	}

	removed := make(map[ast.Node]bool)
	for _, decl := range file.Decls {
		for name, node := range declared(decl) {
			if names[name] && name != "_" && name != "init" {
				removed[node] = true
			}
		}
	}
	if len(removed) == 0 {
		return text, false, nil
	}

	var edits []edit
	for node := range removed {
		edits = append(edits, wholeLines(fset, text, node))
	}
	text, err = dropUnusedImports(applyEdits(text, edits))
	return text, true, err
}

// hideOtherTests adds to an overlay that a directory has no tests but some.
func hideOtherTests(t *testing.T, root, dir string, overlay map[string]string, keep ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(dir)))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		if !slices.Contains(keep, name) {
			overlay[path.Join(dir, name)] = ""
		}
	}
}
