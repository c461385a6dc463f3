package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updatePlaces = flag.Bool("update", false, "write attack_rules.txt, the places of the rules that the attacks break")

// The places at which the attacks say that a rule is checked are those of the
// source: there the function says that the rule is broken.
func TestAttackRules(t *testing.T) {
	functions := sourceFunctions(t)
	var lines []string
	for _, a := range attacks() {
		place, err := functions.place(a.rule)
		if err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
		lines = append(lines, place+"\t"+a.rule.key()+"\n")
	}
	slices.Sort(lines)
	want := strings.Join(slices.Compact(lines), "")

	if *updatePlaces {
		if err := os.WriteFile("attack_rules.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if rulePlaces != want {
		t.Errorf("attack_rules.txt is out of date: type `go test . -run TestAttackRules -update`: got\n%swant\n%s", rulePlaces, want)
	}
}

// A rule whose place is not one statement is noticed.
func TestAttackRulePlaceIsUnclear(t *testing.T) {
	functions := sourceFunctions(t)
	for _, rule := range []brokenAt{
		{name: "ErrNotOwner", function: "CoinView.nowhere"},
		{name: "ErrNotOwner", function: "Block.checkHeader"},
		{name: "ErrSignature", function: "verifySignature"},
		{name: "ErrCoinbase", function: "Transaction.checkCoinbase", words: "pays less than"},
	} {
		if place, err := functions.place(rule); err == nil {
			t.Errorf("%s: %s, want an error", rule.key(), place)
		}
	}
}

// sources are the functions of the program by their name: "verifySignature", or
// "CoinView.check".
type sources struct {
	files *token.FileSet
	texts map[string][]byte // by path
	named map[string][]*ast.FuncDecl
}

func sourceFunctions(t *testing.T) *sources {
	t.Helper()
	s := &sources{token.NewFileSet(), make(map[string][]byte), make(map[string][]*ast.FuncDecl)}
	for _, pattern := range []string{"*.go", "network/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				s.read(t, path)
			}
		}
	}
	return s
}

func (s *sources) read(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(s.files, path, text, 0)
	if err != nil {
		t.Fatal(err)
	}

	s.texts[path] = text
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if named, ok := receiver.(*ast.Ident); ok {
				name = named.Name + "." + name
			}
		}
		s.named[name] = append(s.named[name], f)
	}
}

// place returns where a function says that a rule is broken: FILE:LINE.
func (s *sources) place(r brokenAt) (string, error) {
	var found []ast.Stmt
	for _, f := range s.named[r.function] {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.ReturnStmt, *ast.AssignStmt:
				if stmt := n.(ast.Stmt); s.says(stmt, r) {
					// One that contains another is the way there.
					found = slices.DeleteFunc(found, func(outer ast.Stmt) bool { return outer.Pos() < stmt.Pos() && stmt.End() <= outer.End() })
					found = append(found, stmt)
				}
			}
			return true
		})
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d statements in %s have %s and %q, want 1", len(found), r.function, r.name, r.words)
	}
	at := s.files.Position(found[0].Pos())
	return fmt.Sprintf("%s:%d", filepath.ToSlash(at.Filename), at.Line), nil
}

// says reports whether a statement has a rule's error, and its words.
func (s *sources) says(stmt ast.Stmt, r brokenAt) bool {
	named := r.name == ""
	ast.Inspect(stmt, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		named = named || ok && id.Name == r.name
		return true
	})
	begin, end := s.files.Position(stmt.Pos()), s.files.Position(stmt.End())
	return named && strings.Contains(string(s.texts[begin.Filename][begin.Offset:end.Offset]), r.words)
}
