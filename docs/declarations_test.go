package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A declaration is one of a file's: a function, a type, a group of constants,
// all its imports, or its package clause.
type declaration struct {
	file     string   // base name
	names    []string // "Name", "Type.Method", "import" or "package"
	text     string   // with the comment above
	units    []string // for each name, what its declaration would be if it stood alone
	from, to token.Pos
}

// declarations returns all that a file declares, in order.
func (f *goFile) declarations() (all []declaration) {
	add := func(comment *ast.CommentGroup, from, to token.Pos, names ...string) *declaration {
		d := declaration{file: path.Base(f.path), names: names, text: f.text(comment, from, to), from: from, to: to}
		if comment != nil {
			d.from = comment.Pos()
		}
		for range names {
			d.units = append(d.units, d.text)
		}
		all = append(all, d)
		return &all[len(all)-1]
	}

	add(f.ast.Doc, f.ast.Package, f.ast.Name.End(), "package")
	for _, d := range f.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d.Doc, d.Pos(), d.End(), funcName(d))
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				all = append(all, f.group(d))
			} else if last := &all[len(all)-1]; last.names[0] != "import" {
				add(d.Doc, d.Pos(), f.endOf(d), "import")
			} else { // one more: a file's imports are one declaration here
				last.text += "\n" + f.text(d.Doc, d.Pos(), f.endOf(d))
				last.units[0], last.to = last.text, f.endOf(d)
			}
		}
	}
	return all
}

// group returns a declaration of types, constants or variables. Those of a group
// in parentheses may be shown one by one, unless they need each other (iota), or
// share a comment.
func (f *goFile) group(d *ast.GenDecl) declaration {
	text, _ := f.showSpecs(d, d.Specs)
	g := declaration{file: path.Base(f.path), text: text, from: d.Pos(), to: f.endOf(d)}
	if d.Doc != nil {
		g.from = d.Doc.Pos()
	}

	for _, s := range d.Specs {
		unit, err := f.showSpecs(d, []ast.Spec{s})
		if err != nil || d.Doc != nil || len(specNames(s)) > 1 {
			unit = text
		}
		for _, name := range specNames(s) {
			g.names, g.units = append(g.names, name), append(g.units, unit)
		}
	}
	return g
}

// is reports whether d declares any of these names.
func (d *declaration) is(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(d.names, name) })
}

// A listing is what a program declares, in all its files.
type listing []declaration

// find returns the first declaration of any of these names. Imports and package
// clauses are those of one file.
func (l listing) find(file string, names ...string) *declaration {
	for i := range l {
		if d := &l[i]; d.is(names...) && (d.file == file || !d.is("import", "package")) {
			return d
		}
	}
	return nil
}

// origin returns the file from which most of another file's declarations came.
func (l listing) origin(after listing, file string) (origin string) {
	from := make(map[string]int)
	for _, d := range after {
		if old := l.find("", d.names...); d.file == file && old != nil {
			from[old.file]++
			if from[old.file] > from[origin] {
				origin = old.file
			}
		}
	}
	return origin
}

// units returns each declaration by its name, as it would be if it stood alone. A
// package clause that says nothing is none.
func (l listing) units() map[string]string {
	units := make(map[string]string)
	for _, d := range l {
		for i, name := range d.names {
			if d.is("import", "package") {
				name = name + " of " + d.file
			}
			if !strings.HasPrefix(d.units[i], "package ") {
				units[name] = d.units[i]
			}
		}
	}
	return units
}

// readStep returns the program of a directory: all its files but tests, and those
// under a build tag.
func readStep(dir string) (all listing, err error) {
	files, err := stepFiles(dir)
	for _, f := range files {
		all = append(all, f.declarations()...)
	}
	return all, err
}

func stepFiles(dir string) (files []*goFile, err error) {
	paths, err := fs.Glob(repository, path.Join(dir, "*.go"))
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parseGo(path)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(f.src, []byte("//go:build ")) {
			files = append(files, f)
		}
	}
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no program", dir)
	}
	return files, err
}

var stepPattern = regexp.MustCompile(`^(.*\bstep)(\d+)$`)

// stepNumber returns the number of a step's directory, or 0 for another one.
func stepNumber(dir string) int {
	m := stepPattern.FindStringSubmatch(dir)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[2])
	return n
}

// readStepBefore returns the program of the step before a directory's. That is
// nothing before step 1.
func readStepBefore(dir string) (listing, error) {
	switch n := stepNumber(dir); n {
	case 0:
		return nil, errors.New("not the directory of a step: " + dir)
	case 1:
		return nil, nil
	default:
		return readStep(fmt.Sprintf("%s%d", stepPattern.FindStringSubmatch(dir)[1], n-1))
	}
}
