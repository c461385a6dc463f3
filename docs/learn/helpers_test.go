package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// -wrong=all tries every wrong solution and every hole; without it, a sample.
var wrongFlag = flag.String("wrong", "sample", "which wrong solutions to try: `sample, all`, or at most so many for each hole")

// realRoot is the module that the tests are in.
const realRoot = "../.."

// twoAtATime is taken by each call of go test: machines are small.
var twoAtATime = make(chan struct{}, 2)

// newTutor returns a tutor for a module in a new directory, which has these files.
func newTutor(t *testing.T, steps []step, files map[string]string) (*tutor, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	out := new(bytes.Buffer)
	return &tutor{root: root, steps: steps, out: out, timeout: 20 * time.Second}, out
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// toyFiles are a module with a course of one step.
var toyFiles = map[string]string{
	"go.mod": "module gosimpleblockchain\n\ngo 1.25\n",

	"docs/step1/main.go": `// Step 1 doubles.
package main

import (
	"fmt"
	"strings"
)

// double returns twice n.
func double(n int) int { return 2 * n }

// A Word is a word.
type Word struct{ text string }

// shout returns the word in capitals.
func (w *Word) shout() string {
	return strings.ToUpper(w.text)
}

func main() { fmt.Println(double(2)) }
`,
	"docs/step1/holes_test.go": `package main

import "testing"

func TestHole1_1Double(t *testing.T) {
	for _, n := range []int{0, 1, 7} {
		if got := double(n); got != 2*n {
			t.Errorf("double(%d) = %d, want %d:\nthat's twice as much", n, got, 2*n)
		}
	}
}

func TestHole1_2(t *testing.T) {
	w := Word{"hi"}
	if got := w.shout(); got != "HI" {
		t.Errorf("hi, shouted, is %q, want HI", got)
	}
}
`,
	"docs/step1/challenges.go": `//go:build challenge

package main

// half returns half of n, rounded down.
func half(n int) int {
	return n >> 1
}
`,
	"docs/step1/challenges_test.go": `//go:build challenge

package main

import "testing"

func TestHole1_3Half(t *testing.T) {
	if got := half(-3); got != -2 {
		t.Errorf("half(-3) = %d, want -2", got)
	}
}
`,
}

// toySteps are that course.
var toySteps = []step{{1, "Toys", "docs/01-toys.md", []hole{
	{ID: "1.1", Func: "double", Title: "Twice", Task: "Return twice n.", Nudge: "Once more.", Idea: "Add it to itself."},
	{ID: "1.2", Func: "Word.shout", Title: "Loud", Task: "Return the word in capitals.", Nudge: "There's a package.", Idea: "Package strings."},
	{ID: "1.3", Func: "half", Title: "Half", Task: "Return half of n.", Nudge: "Down, not to 0.", Idea: "Shift.", Challenge: true},
}}}

// newToy returns a tutor for the toy course, whose step the student has begun.
func newToy(t *testing.T) (*tutor, *bytes.Buffer) {
	t.Helper()
	tutor, out := newTutor(t, toySteps, toyFiles)
	if err := tutor.start("1", false); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	return tutor, out
}

// do carries out a command as main does, and returns what the student sees.
func do(t *testing.T, tutor *tutor, out *bytes.Buffer, line string) string {
	t.Helper()
	twoAtATime <- struct{}{}
	defer func() { <-twoAtATime }()

	out.Reset()
	if err := tutor.do(context.Background(), strings.Fields(line)); err != nil {
		return out.String() + err.Error()
	}
	return out.String()
}

// replace replaces a text in one of the student's files.
func replace(t *testing.T, tutor *tutor, name, old, new string) {
	t.Helper()
	path := filepath.Join(tutor.root, filepath.FromSlash(name))
	text := readFile(t, path)
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q:\n%s", name, old, text)
	}
	writeFile(t, path, strings.ReplaceAll(text, old, new))
}

const (
	toyMain    = "_mine/step1/main.go"
	emptyOne   = "// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")"
	emptyTwo   = "// your turn: 1.2\n\tpanic(\"1.2 is yours to write\")"
	emptyThree = "// your turn: 1.3\n\tpanic(\"1.3 is yours to write\")"
)

// solveTwo writes 1.2, which needs an import.
func solveTwo(t *testing.T, tutor *tutor) {
	t.Helper()
	replace(t, tutor, toyMain, emptyTwo, "return strings.ToUpper(w.text)")
	replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"strings\"")
}
