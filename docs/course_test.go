package docs

import (
	"errors"
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

// replayCourse replays the chapters one after the other in one clone of the
// repository, as a student types them: what one leaves behind is there in the next.
func replayCourse(t *testing.T, chapters []*page) {
	s := newStory(t)
	if err := s.useClone(); err != nil {
		t.Fatal(err)
	}
	for _, p := range chapters {
		t.Run(p.path, func(t *testing.T) { s.replay(t, p) })
	}
}

// useClone makes the reader's machine work in a clone of the repository.
func (s *story) useClone() error {
	if s.cloned {
		return nil
	}
	s.cloned = true
	return cloneTo(s.dir(""))
}

// cloneTo copies the files of the repository that git would keep.
func cloneTo(dir string) error {
	ignored, err := gitIgnored()
	if err != nil {
		return err
	}
	return fs.WalkDir(repository, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ignored(name) && d.IsDir():
			return fs.SkipDir
		case ignored(name):
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, name), 0o755)
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), text, 0o644)
	})
}

// gitIgnored returns which files git would not keep. Of the patterns that
// .gitignore may have, it knows those that ours has.
func gitIgnored() (ignored func(name string) bool, err error) {
	text, err := fs.ReadFile(repository, ".gitignore")
	if err != nil {
		return nil, err
	}
	patterns := append(strings.Fields(string(text)), ".git")
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			subject := path.Base(name)
			if whole, ok := strings.CutPrefix(pattern, "/"); ok {
				pattern, subject = whole, name
			}
			matches, err := path.Match(strings.TrimSuffix(pattern, "/"), subject)
			return err == nil && matches
		})
	}, nil
}

// runProgram runs a program of the course, ./docs/step2 or ./docs/learn, or one
// that the reader has written, ./_mine/step2. That one is left out if the reader
// has not written it.
func (s *story) runProgram(p step, dir string, words []string) error {
	dir = path.Clean(dir)
	here := s.dir(machineOf(p.prompt))
	isLearn := dir == "docs/learn"
	if isLearn {
		if err := s.useClone(); err != nil {
			return err
		}
	}

	var program *program
	var err error
	if strings.HasPrefix(dir, "_mine/") {
		if _, err := os.Stat(filepath.Join(here, dir)); err != nil {
			return nil
		}
		program, err = buildProgram(here, dir)
	} else {
		program, err = courseProgram(dir)
	}
	if err != nil {
		return err
	}

	if runsOn(p.command) {
		return s.watch(p, program, words)
	}
	got, err := program.run(s.ctx, here, words)
	if err != nil {
		return err
	}
	if isLearn { // it tells how long something took
		return s.check(p.want, got)
	}
	return checkExactly(p.want, got)
}

// checkExactly compares the result of a step with the transcript, to the letter:
// it's the same in each run.
func checkExactly(want []string, got result) error {
	text := strings.Join(want, "\n") + "\n"
	switch all := got.stdout + got.stderr; {
	case len(want) == 0 && got.code == 0, text == all, text == all+got.exitStatus():
		return nil
	default:
		return fmt.Errorf("exit code %d\n got %s\nwant %s", got.code, all, text)
	}
}

// Two pages in a row, of a course of their own.
const (
	firstPage = `# Chapter 1

<!-- commands -->
$console
$ go run ./docs/testdata/step2
$

$console
T1$ go run ./docs/testdata/step2 x
Alice comes.
Hello, Alice

Bob comes.
Hello, Bob

Carol comes.
HELLO, CAROL!

They hear: [x]
too late
exit status 3
T1$ ls docs/testdata/step2/voice.go
docs/testdata/step2/voice.go
T1$ go run . start
03:04:05 listens on [::]:5678; commands on 127.0.0.1:9999; data in data
T2$ go run . watch -q
03:04:05 listens on [::]:5678; commands on 127.0.0.1:9999; data in data
03:04:05 has a chain now: its block 0 is da29f3c1
T3$ go run . genesis_block
Genesis Wallet is: 1LYHea8NjTxaYboXJbR7LemvUZjyQc839r
T2^C
T1^C
T1$ go run . start -pool-size 1
$
`
	secondPage = `# Chapter 2

$console
$ go run . start
$

$console
$ go run . balance 1LYHea8NjTxaYboXJbR7LemvUZjyQc839r
1LYHea8NjTxaYboXJbR7LemvUZjyQc839r balance is 1000
$ go run . printwallet
Wallet are:
	1LYHea8NjTxaYboXJbR7LemvUZjyQc839r
$ go run ./_mine/step2
this is not there yet
$ rm -r data
$ cat docs/testdata/holes.go
package main

var step2 = []hole{
	{ID: "2.1", Func: "work", Title: "Hash the work"},
	{ID: "2.2", Func: "mine", Title: "Search"},
	{ID: "2.10", Func: "retarget", Title: "Retarget", Challenge: true},
}
$
`
)

func TestCourse(t *testing.T) {
	skipWithoutNodes(t)
	t.Parallel()
	var pages []*page
	for i, text := range []string{firstPage, secondPage} {
		text = regexp.MustCompile(`(?m)^\$(console)?$`).ReplaceAllString(text, "```$1")
		p, err := parsePage(fmt.Sprintf("docs/0%d-x.md", i+1), text)
		if err != nil {
			t.Fatal(err)
		}
		if faults := p.checkTerminals(); faults != nil {
			t.Error(faults)
		}
		pages = append(pages, p)
	}
	replayCourse(t, pages)
}

func TestCheckExactly(t *testing.T) {
	tests := []struct {
		name, want string
		got        result
		ok         bool
	}{
		{"same", "a|b", result{"a\nb\n", "", 0}, true},
		{"errors follow", "a|b", result{"a\n", "b\n", 1}, true},
		{"as go run has it", "a|exit status 1", result{"", "a\n", 1}, true},
		{"another status", "a|exit status 2", result{"", "a\n", 1}, false},
		{"another hash", "f3187e6c", result{"d43571cb\n", "", 0}, false},
		{"less", "a", result{"a\nb\n", "", 0}, false},
		{"nothing shown", "", result{"a\n", "", 0}, true},
		{"nothing shown of what fails", "", result{"a\n", "", 1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.want != "" {
				want = strings.Split(tt.want, "|")
			}
			if err := checkExactly(want, tt.got); (err == nil) != tt.ok {
				t.Errorf("got %v, want success %v", err, tt.ok)
			}
		})
	}
}

func TestClone(t *testing.T) {
	dir := t.TempDir()
	if err := cloneTo(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "main.go", "docs/docs_test.go", ".gitignore"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}

	ignored, err := gitIgnored()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".git", "_mine", "data", "data2", "step3.db", "docs/docs.test"} {
		if !ignored(name) {
			t.Errorf("%s is not ignored", name)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"docs", "docs/data.go", "testdata", "docs/step3"} {
		if ignored(name) {
			t.Errorf("%s is ignored", name)
		}
	}
}
