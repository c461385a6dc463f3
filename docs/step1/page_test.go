package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The page runs the program twice before it's whole. What it has by then, in
// testdata, is a part of the step: only main and the imports are other ones.
func TestUnfinished(t *testing.T) {
	whole := declarations(t, "main.go")
	files, err := filepath.Glob("testdata/*/main.go")
	if err != nil || len(files) != 2 {
		t.Fatalf("unfinished programs are %q, %v; want two", files, err)
	}
	for _, file := range files {
		for name, text := range declarations(t, file) {
			if text != whole[name] {
				t.Errorf("%s: %s isn't as the step has it:\n%s", file, name, text)
			}
		}
	}
}

// declarations returns those of a file but main and the imports, with their
// comments, by their first line.
func declarations(t *testing.T, file string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}

	all := make(map[string]string)
	for _, d := range f.Decls {
		start := d.Pos()
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "main" {
				continue
			}
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
		}
		name, _, _ := strings.Cut(string(src[fset.Position(d.Pos()).Offset:]), "\n")
		if name == "const (" {
			name = "const"
		}
		all[name] = string(src[fset.Position(start).Offset:fset.Position(d.End()).Offset])
	}
	return all
}

var update = flag.Bool("update", false, "draw ../img/avalanche.svg anew")

// The page's picture of two hashes is drawn from them:
// `go test ./docs/step1 -run TestPicture -update` draws it anew.
func TestPicture(t *testing.T) {
	const file = "../img/avalanche.svg"
	want := drawHashes("Alice has 1000 coins", "Alice has 2000 coins")
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s isn't what the step finds: draw it anew with -update", file)
	}
}

// drawHashes draws the 256 bits of two texts' hashes, and those that differ.
func drawHashes(first, second string) []byte {
	a, b := bitsOf(sha256Hex(first)), bitsOf(sha256Hex(second))
	var differ [256]bool
	count := 0
	for i := range differ {
		if differ[i] = a[i] != b[i]; differ[i] {
			count++
		}
	}

	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 268" width="760" height="268" role="img" aria-label="Three squares of 256 bits: the hash of &quot;%s&quot;, the hash of &quot;%s&quot;, and the %d bits in which they differ, all over the square">
<style>
text{font:13px sans-serif;fill:#24292f;text-anchor:middle}.small{font-size:12px}.frame{fill:none;stroke:#8c959f}.bit{fill:#24292f}.other{fill:#cf222e}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.frame{stroke:#9198a1}.bit{fill:#e6edf3}.other{fill:#f85149}}
</style>
`, first, second, count)
	drawBits(&svg, 30, "bit", first, "SHA-256, bit by bit", a)
	drawBits(&svg, 280, "bit", second, "SHA-256, bit by bit", b)
	drawBits(&svg, 530, "other", "where they differ", fmt.Sprintf("in %d of 256 bits", count), differ)
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

// drawBits draws a square of 16 times 16 bits, of which those that are set are
// filled, with a text above and one below.
func drawBits(svg *bytes.Buffer, x int, class, above, below string, bits [256]bool) {
	const top, cell = 32, 12.5
	fmt.Fprintf(svg, `<text x="%d" y="20">%s</text><text class="small" x="%[1]d" y="254">%[3]s</text>`+"\n", x+100, above, below)
	fmt.Fprintf(svg, `<rect class="frame" x="%g" y="%g" width="203" height="203"/><path class="%s" d="`, float64(x)-1.5, top-1.5, class)
	for i, set := range bits {
		if set {
			fmt.Fprintf(svg, "M%g %gh11.5v11.5h-11.5z", float64(x)+cell*float64(i%16)+0.5, top+cell*float64(i/16)+0.5)
		}
	}
	svg.WriteString(`"/>` + "\n")
}

// bitsOf returns the bits of a hash.
func bitsOf(hash string) (bits [256]bool) {
	for i, digit := range hash {
		value, err := strconv.ParseUint(string(digit), 16, 8)
		if err != nil {
			panic(err)
		}
		for j := range 4 {
			bits[4*i+j] = value>>(3-j)&1 == 1
		}
	}
	return bits
}
