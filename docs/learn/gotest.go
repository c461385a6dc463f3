package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A testRun is one call of go test, with files laid over a directory.
type testRun struct {
	dir     string            // relative to the module, with slashes
	overlay map[string]string // file, relative to the module → file to read in its place; "" hides it
	tags    string
	tests   []string // how the names of the tests begin
}

// An outcome is what came of it.
type outcome struct {
	build []string // the compiler's words, if it doesn't compile

	end    string          // what the guard says at the end: see guard
	passed bool            // the package as a whole, so nothing went wrong after the tests
	ran    map[string]bool // tests that ran → whether they passed
	faults []string        // what failing tests say
	output []string        // everything else that was printed
	tooBig bool            // more was printed than anybody would read
	goSays string          // go's own complaint, if it came to no test at all
}

const (
	testTimeout  = 60 * time.Second // for the tests; they have limits of their own
	buildTimeout = 10 * time.Minute // for a first build of the libraries, on a slow machine
	maxOutput    = 4 << 20          // bytes of go test's output
	maxLines     = 400              // of each kind that are kept
)

// guard is a test file that ends a program which takes all memory, and that says a
// token in the end, another one each time, which nobody else can.
//
//go:embed testdata/guard.go.txt
var guard []byte

// goTest runs go test. Its error means that it couldn't.
func (t *tutor) goTest(ctx context.Context, run testRun) (*outcome, error) {
	dir, err := os.MkdirTemp("", "learn")
	if err != nil {
		return nil, complain("I need a directory for files that I delete again (see TMPDIR), and can't make one: %v", err)
	}
	defer os.RemoveAll(dir)

	token := rand.Text()
	overlay, err := t.writeOverlay(dir, run, token)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, test := range run.tests {
		names = append(names, regexp.QuoteMeta(test))
	}
	args := []string{"test", "-json", "-vet=off", "-failfast", "-count=1", "-timeout", t.timeout.String(), "-overlay", overlay,
		"-tags", run.tags, "-run", "^(" + strings.Join(names, "|") + ")([A-Z]|$)", "./" + run.dir}
	o, err := t.runGoTest(ctx, args)
	if err == nil && run.isGuarded() && o.end != token {
		o.passed = false
	}
	return o, err
}

// isGuarded reports whether the guard is laid over the directory. The node's own
// packages do without.
func (run testRun) isGuarded() bool {
	return strings.HasPrefix(run.dir, "_mine/") || strings.HasPrefix(run.dir, "docs/")
}

// writeOverlay writes the file that tells go which files to read in place of others.
func (t *tutor) writeOverlay(dir string, run testRun, token string) (string, error) {
	guardFile := filepath.Join(dir, "guard.go")
	if err := os.WriteFile(guardFile, bytes.ReplaceAll(guard, []byte("LEARN-TOKEN"), []byte(token)), 0o666); err != nil {
		return "", err
	}

	absolute := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(t.root, filepath.FromSlash(name))
	}
	replace := map[string]string{}
	if run.isGuarded() {
		replace[absolute(run.dir+"/learn_guard_test.go")] = guardFile
	}
	for name, with := range run.overlay {
		replace[absolute(name)] = absolute(with)
	}

	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o666)
}

// explainNoGo is what whoever has no go is told.
func explainNoGo() error {
	return complain("I can't find the program go. Is Go installed, and its bin directory in your PATH? See https://go.dev/doc/install.")
}

// runGoTest runs go with these arguments and reads what it tells.
func (t *tutor) runGoTest(ctx context.Context, args []string) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout+buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = t.root
	cmd.WaitDelay = 5 * time.Second
	cmd.Cancel = func() error { return stopProcess(cmd) }
	stderr := &boundedBuffer{most: 64 << 10}
	cmd.Stderr = stderr

	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, explainNoGo()
		}
		return nil, complain("I can't run go: %v", err)
	}

	o := readEvents(io.LimitReader(stdout, maxOutput))
	if n, _ := io.CopyN(io.Discard, stdout, 1); n > 0 {
		o.tooBig = true
		cmd.Process.Kill() // asked kindly it would wait for the program, which won't end
	}
	waitErr := cmd.Wait()

	if o.tooBig {
		return o, nil
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if waitErr != nil {
		o.passed = false
		o.goSays = strings.TrimSpace(stderr.String())
	}
	return o, nil
}

// A boundedBuffer keeps the first bytes of what it's given, most of them at most. (It
// embeds no bytes.Buffer: that one's ReadFrom would take everything.)
type boundedBuffer struct {
	most     int
	whenFull func() // called when there was more; may be nil

	kept   []byte
	isFull bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	room := b.most - len(b.kept)
	b.kept = append(b.kept, p[:min(room, len(p))]...)
	if len(p) > room {
		b.isFull = true
		if b.whenFull != nil {
			b.whenFull()
		}
	}
	return len(p), nil
}

func (b *boundedBuffer) String() string { return string(b.kept) }

// stopProcess asks a program to end; where one can't be asked it's ended.
func stopProcess(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return cmd.Process.Kill()
	}
	return nil
}

// An event is one line of go test -json: see go doc test2json.
type event struct {
	Action string
	Test   string
	Output string
}

// readEvents sorts what go test tells.
func readEvents(r io.Reader) *outcome {
	o := &outcome{ran: make(map[string]bool)}
	logs := make(map[string][]string) // test → its lines

	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			for _, log := range logs { // of tests that came to no end
				keepAll(&o.output, log)
			}
			return o
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			keep(&o.output, string(line))
			continue
		}

		if _, end, found := strings.Cut(e.Output, "learn: ended "); found {
			o.end = strings.TrimSpace(end) // the last one counts
			continue
		}
		switch {
		case e.Action == "build-output":
			keep(&o.build, strings.TrimRight(e.Output, "\n"))
		case e.Action == "output" && !isFrame(e.Output):
			log := logs[e.Test]
			keep(&log, strings.TrimRight(e.Output, "\n"))
			logs[e.Test] = log
		case e.Action == "pass" && e.Test == "":
			o.passed = true
			delete(logs, "")
		case e.Action == "pass":
			o.ran[e.Test] = true
			_, printed := splitLog(logs[e.Test])
			delete(logs, e.Test)
			keepAll(&o.output, printed)
		case e.Action == "fail":
			o.ran[e.Test] = false
			said, printed := splitLog(logs[e.Test])
			delete(logs, e.Test)
			keepAll(&o.faults, said)
			keepAll(&o.output, printed)
		}
	}
}

// said returns what the failing tests say, and then everything else.
func (o *outcome) said() string {
	return strings.Join(slices.Concat(o.faults, o.output), "\n")
}

func keep(lines *[]string, line string) {
	if len(*lines) < maxLines {
		*lines = append(*lines, line)
	}
}

func keepAll(lines *[]string, more []string) {
	for _, line := range more {
		keep(lines, line)
	}
}

var framePattern = regexp.MustCompile(`^\s*(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|FAIL|SKIP): |PASS$|FAIL$|FAIL\t|ok  \t|exit status )`)

// isFrame reports whether a line is one of go test's own.
func isFrame(line string) bool { return framePattern.MatchString(strings.TrimRight(line, "\n")) }

// saidPattern is the first line of what a test says, behind what the program may have
// printed without ending the line.
var saidPattern = regexp.MustCompile(`^(.*?)\s*\b[\w.]+_test\.go:\d+: ?(.*)$`)

// splitLog parts what a test says from what the student's program prints meanwhile.
// Lines after a test's first are indented by 8 columns, or more in a subtest.
func splitLog(lines []string) (said, printed []string) {
	saying := false
	for _, line := range lines {
		if m := saidPattern.FindStringSubmatch(line); m != nil {
			if m[1] != "" {
				printed = append(printed, m[1])
			}
			said = append(said, m[2])
			saying = true
		} else if rest, ok := strings.CutPrefix(line, "        "); ok && saying {
			said = append(said, strings.TrimPrefix(rest, "    "))
		} else {
			printed = append(printed, line)
			saying = false
		}
	}
	return said, printed
}

// anyFailed reports whether one of these tests ran, and failed.
func (o *outcome) anyFailed(tests []string) bool {
	return slices.ContainsFunc(tests, func(test string) bool {
		passed, ran := o.ran[test]
		return ran && !passed
	})
}

// allPassed reports whether all of these tests ran, and passed, and the program was
// still there to say so at the end.
func (o *outcome) allPassed(tests []string) bool {
	return o.passed && len(o.build) == 0 && len(tests) > 0 &&
		!slices.ContainsFunc(tests, func(test string) bool { return !o.ran[test] })
}
