package docs

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	promptPattern    = regexp.MustCompile(`^([A-Z]?|T\d)\$ (.*)$`)
	interruptPattern = regexp.MustCompile(`^([A-Z]?|T\d)\^C$`)
	testNamePattern  = regexp.MustCompile(`^(Test|Example|Benchmark|Fuzz)[A-Z_]\w*$`)
)

// checkCommands checks the commands in console fences and in the prose.
func (p *page) checkCommands(tests map[string][]testName) (faults []string) {
	check := func(line int, command string) {
		if err := checkCommand(command, tests); err != nil {
			faults = append(faults, p.faultf(line, "%s: %v", command, err))
		}
	}

	for _, f := range p.fences {
		if f.language != "console" {
			continue
		}

		if f.end == f.start+1 || !promptPattern.MatchString(p.lines[f.start+1]) && !interruptPattern.MatchString(p.lines[f.start+1]) {
			faults = append(faults, p.faultf(f.start, "console fence does not begin with a command"))
		}
		for i := f.start + 1; i < f.end; i++ {
			if m := promptPattern.FindStringSubmatch(p.lines[i]); m != nil {
				check(i, m[2])
			}
		}
	}

	for i, line := range p.prose() {
		for _, code := range codePattern.FindAllString(line, -1) {
			code = strings.Trim(code, "`")
			if strings.HasPrefix(code, "go run ") || strings.HasPrefix(code, "go test ") {
				check(i, code)
			} else if testNamePattern.MatchString(code) && !isTest(code, tests) {
				faults = append(faults, p.faultf(i, "there is no %s", code))
			}
		}
	}
	return faults
}

// isTest reports whether any package has a test of that name.
func isTest(name string, tests map[string][]testName) bool {
	for _, names := range tests {
		if slices.ContainsFunc(names, func(n testName) bool { return n.name == name }) {
			return true
		}
	}
	return false
}

// commandWords splits a command line, without the comment at its end.
func commandWords(line string) []string {
	line, _, _ = strings.Cut(line, " # ")
	words := strings.Fields(line)
	for i := range words {
		words[i] = strings.Trim(words[i], `'"`)
	}
	for len(words) > 0 && strings.Contains(words[0], "=") { // NO_COLOR=1 go run …
		words = words[1:]
	}
	return words
}

func checkCommand(line string, tests map[string][]testName) error {
	words := commandWords(line)
	if len(words) == 0 {
		return errors.New("no command")
	}
	known := []string{"git", "cd", "ls", "cat", "rm", "gofmt"}
	switch {
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == ".":
		return checkRun(words[3:])
	case len(words) > 2 && words[0] == "go" && words[1] == "run":
		return checkProgram(words[2])
	case len(words) > 1 && words[0] == "go" && words[1] == "test":
		return checkGoTest(words[2:], tests)
	case len(words) > 1 && words[0] == "go":
		if !slices.Contains([]string{"build", "doc", "generate", "mod", "version", "vet"}, words[1]) {
			return fmt.Errorf("unknown command go %s", words[1])
		}
		return nil
	case len(words) > 1 && words[0] == "bash":
		_, err := fs.Stat(repository, words[1])
		return err
	case !slices.Contains(known, words[0]):
		return fmt.Errorf("unknown command %s", words[0])
	}
	return nil
}

// checkRun checks that a subcommand of the program and its flags exist.
func checkRun(words []string) error {
	if len(words) == 0 || words[0] == "-h" {
		return nil
	}
	flags, err := built.flags(words[0])
	if err != nil {
		return err
	}
	for _, word := range words[1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if !strings.HasPrefix(word, "-") || name == "" || unicode.IsDigit(rune(name[0])) {
			continue // an argument, the end of the flags, or a negative number
		}
		if flags.Lookup(name) == nil {
			return fmt.Errorf("%s has no flag %s", words[0], word)
		}
	}
	return nil
}

// checkProgram checks that a program of the repository exists. What is in _mine
// the student has by go run ./docs/learn, as a copy of a step.
func checkProgram(dir string) error {
	dir, isLocal := strings.CutPrefix(dir, "./")
	if !isLocal {
		return nil // honnef.co/go/tools/cmd/staticcheck@v0.6.1
	}
	if copied, ok := strings.CutPrefix(dir, "_mine/"); ok {
		dir = path.Join("docs", copied)
	}
	if files, err := fs.Glob(repository, path.Join(dir, "*.go")); err != nil || len(files) == 0 {
		return fmt.Errorf("no program in %s", dir)
	}
	return nil
}

// A testName is a test, example, benchmark or fuzz target.
type testName struct {
	name      string
	challenge bool // under the build tag
}

// testNames returns the tests of each directory of the module, be they under
// a build tag or not.
func testNames(t testing.TB) map[string][]testName {
	t.Helper()
	names := make(map[string][]testName)
	err := fs.WalkDir(repository, ".", func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case dir != "." && strings.ContainsAny(d.Name()[:1], "._"), d.Name() == "testdata":
			return fs.SkipDir
		}
		for _, f := range goFiles(t, dir, true) {
			challenge := bytes.HasPrefix(f.src, []byte("//go:build challenge\n"))
			for _, d := range f.ast.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil {
					names[dir] = append(names[dir], testName{d.Name.Name, challenge})
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A goTest is a go test command: its flags and its packages.
type goTest struct {
	run, bench, fuzz string // patterns
	tags             string
	packages         []string
}

func parseGoTest(words []string) (*goTest, error) {
	c := new(goTest)
	flags := flag.NewFlagSet("go test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.run, "run", "", "")
	flags.StringVar(&c.bench, "bench", "", "")
	flags.StringVar(&c.fuzz, "fuzz", "", "")
	flags.StringVar(&c.tags, "tags", "", "")
	for _, name := range []string{"v", "race", "short", "update", "benchmem"} {
		flags.Bool(name, false, "")
	}
	for _, name := range []string{"count", "gcflags", "fuzztime", "timeout", "benchtime"} {
		flags.String(name, "", "")
	}

	if i := slices.Index(words, "-args"); i >= 0 { // what follows is the tests' own
		words = words[:i]
	}

	// go test does not know the flags of the tests: what follows one is its
	// value to it, and no package.
	if i := slices.Index(words, "-update"); i >= 0 && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
		return nil, fmt.Errorf("go test takes %s for the value of -update: name packages first", words[i+1])
	}

	for len(words) > 0 {
		if err := flags.Parse(words); err != nil {
			return nil, err
		}
		if words = flags.Args(); len(words) > 0 {
			c.packages, words = append(c.packages, words[0]), words[1:]
		}
	}
	if len(c.packages) == 0 {
		c.packages = []string{"."}
	}
	return c, nil
}

// covers reports whether the packages of the command include a directory.
func (c *goTest) covers(dir string) bool {
	return slices.ContainsFunc(c.packages, func(p string) bool {
		p = path.Clean(p)
		parent, tree := strings.CutSuffix(p, "...")
		return p == dir || tree && strings.HasPrefix(dir+"/", parent)
	})
}

// checkGoTest checks that the patterns of a go test command match something.
func checkGoTest(words []string, tests map[string][]testName) error {
	c, err := parseGoTest(words)
	if err != nil {
		return err
	}

	var candidates []string
	for dir, names := range tests {
		for _, n := range names {
			if c.covers(dir) && (!n.challenge || c.tags == "challenge") {
				candidates = append(candidates, n.name)
			}
		}
	}
	if len(candidates) == 0 {
		return fmt.Errorf("no tests in %q", c.packages)
	}

	run := c.run
	if c.bench != "" || c.fuzz != "" {
		run = "" // beside these it is there to match nothing
	}
	return errors.Join(
		matchesSome(candidates, "Test|Example|Fuzz", run),
		matchesSome(candidates, "Benchmark", c.bench),
		matchesSome(candidates, "Fuzz", c.fuzz))
}

// matchesSome checks that a pattern, if any, matches a test of a kind.
func matchesSome(tests []string, kind, pattern string) error {
	if pattern == "" {
		return nil
	}
	name, _, _ := strings.Cut(pattern, "/") // what follows are subtests
	re, err := regexp.Compile(name)
	if err != nil {
		return err
	}
	kindPattern := regexp.MustCompile("^(" + kind + ")")
	if !slices.ContainsFunc(tests, func(n string) bool { return kindPattern.MatchString(n) && re.MatchString(n) }) {
		return fmt.Errorf("%s matches nothing", pattern)
	}
	return nil
}
