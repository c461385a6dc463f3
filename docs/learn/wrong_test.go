package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tenThatPassed are mistakes that checks once let through, by the names of their files.
// They are tried in every selection but -short's.
var tenThatPassed = []string{
	"step1/1.7-left-always.go",         // a Merkle proof that ignores the position
	"step3/3.9-truncated.go",           // an import that swallows a truncated file
	"step4/4.1-first-input-only.go",    // a payment that reads only its first input
	"step4/4.9-pay-minus-500.go",       // one that pays −500
	"step5/5.8-always-02.go",           // a compressed key with the prefix 02 always
	"step5/5.9-another-key.go",         // a vanity key that isn't the printed address's
	"step6/6.9-time-zero.go",           // returned transactions with time zero
	"node/7.2-interface-without-fakes", // a changed interface: the package's own tests don't compile
	"node/7.3-constant",                // a constant round-trip time
	"node/8.2-crash",                   // a locator without a bound, which crashes at −1
}

// A solution is one that is kept as data: a file, or the files of a directory.
type solution struct {
	name  string // "step2/2.1-hex.go"
	id    string
	files []string
}

// solutions returns the right or the wrong ones of a step.
func solutions(t *testing.T, kind string, s step) (found []solution) {
	t.Helper()
	dir := path.Base(s.dir())
	if s.isNode() {
		dir = "node"
	}
	names, err := filepath.Glob(filepath.Join("testdata", kind, dir, "*"))
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range names {
		id, _, ok := strings.Cut(filepath.Base(name), "-")
		if !ok {
			t.Errorf("%s: its name should be ID-word-and-word", name)
			continue
		}
		files, err := solutionFiles(name)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		number, _, _ := strings.Cut(id, ".")
		if _, _, err := findHole([]step{s}, id); err == nil {
			found = append(found, solution{dir + "/" + filepath.Base(name), id, files})
		} else if !s.isNode() || number == path.Base(s.dir())[len("step"):] {
			t.Errorf("%s: there is no %s", name, id)
		}
	}
	return found
}

// realTutor is a tutor for the module that the tests are in. It must write nothing.
func realTutor(t *testing.T) *tutor {
	t.Helper()
	root, err := filepath.Abs(realRoot)
	if err != nil {
		t.Fatal(err)
	}
	return &tutor{root: root, steps: courseSteps(), out: t.Output(), timeout: testTimeout}
}

// try runs the check of a hole on a solution.
func try(t *testing.T, tutor *tutor, s step, h hole, sol solution) (o *outcome, tests []string) {
	t.Helper()
	var run testRun
	checks := []string{path.Join(s.dir(), "holes_test.go")}
	if s.isNode() {
		check := path.Join(nodeChecks, h.ID+"_test.go")
		dir, err := tutor.dirOf(check)
		if err != nil {
			t.Fatal(err)
		}
		run, checks = nodeRun(dir, check, h), []string{check}
		graftNode(t, tutor, sol, run.overlay)
	} else {
		run = testRun{dir: s.dir(), tests: []string{h.testName()}}
		run.overlay = graft(t, tutor.root, s.dir(), sol.files, t.TempDir())
		keep := []string{"holes_test.go"}
		if h.Challenge {
			run.tags = "challenge"
			keep = append(keep, "challenges_test.go")
			checks = append(checks, path.Join(s.dir(), "challenges_test.go"))
		}
		hideOtherTests(t, tutor.root, s.dir(), run.overlay, keep...)
	}

	names := make(map[string][]string)
	for _, check := range checks {
		if err := tutor.findTests(check, []hole{h}, names); err != nil {
			t.Fatal(err)
		}
	}
	return runTests(t, tutor, run), names[h.ID]
}

// graftNode adds to an overlay what puts a solution into the node: each of its files
// says in which directory.
func graftNode(t *testing.T, tutor *tutor, sol solution, overlay map[string]string) {
	t.Helper()
	byDir := make(map[string][]string)
	for _, file := range sol.files {
		dir, err := tutor.dirOf(path.Join("docs/learn", filepath.ToSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		byDir[dir] = append(byDir[dir], file)
	}
	for dir, files := range byDir {
		for name, with := range graft(t, tutor.root, dir, files, t.TempDir()) {
			overlay[name] = with
		}
	}
}

func runTests(t *testing.T, tutor *tutor, run testRun) *outcome {
	t.Helper()
	twoAtATime <- struct{}{}
	defer func() { <-twoAtATime }()
	o, err := tutor.goTest(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// selectWrong returns the wrong solutions to try. A sample is one for each hole of the
// first step, and those of the ten that need no node.
func selectWrong(t *testing.T, steps []step) (chosen []solution) {
	t.Helper()
	perHole, err := strconv.Atoi(*wrongFlag)
	isSample := *wrongFlag == "sample"
	if err != nil && !isSample && *wrongFlag != "all" {
		t.Fatalf("-wrong=%s: want sample, all, or a number", *wrongFlag)
	}

	for _, s := range steps {
		count := make(map[string]int)
		for _, sol := range solutions(t, "wrong", s) {
			count[sol.id]++
			ofTen := slices.Contains(tenThatPassed, sol.name)

			var wanted bool
			switch {
			case *wrongFlag == "all":
				wanted = true
			case isSample:
				wanted = !testing.Short() && !s.isNode() && (ofTen || s.number == 1 && count[sol.id] == 1)
			default:
				wanted = ofTen || count[sol.id] <= perHole
			}
			if wanted {
				chosen = append(chosen, sol)
			}
		}
	}
	return chosen
}

// The ten are there.
func TestTenThatPassed(t *testing.T) {
	for _, name := range tenThatPassed {
		if _, err := os.Stat(filepath.Join("testdata", "wrong", filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
}

// Every wrong solution compiles, and its check refuses it.
func TestWrongSolutions(t *testing.T) {
	tutor := realTutor(t)
	for _, sol := range selectWrong(t, tutor.steps) {
		t.Run(sol.name, func(t *testing.T) {
			t.Parallel()
			s, h, err := findHole(tutor.steps, sol.id)
			if err != nil {
				t.Fatal(err)
			}
			o, tests := try(t, tutor, s, h, sol)

			if s.isNode() && len(o.build) > 0 && breaksTests(o) {
				return // refused: the package's own tests don't compile with it
			}
			if len(o.build) > 0 {
				t.Fatalf("it should compile:\n%s", strings.Join(o.build, "\n"))
			}
			failed := o.anyFailed(tests)
			if s.isNode() && !failed && (crashed(o) || breaksOthers(t, tutor, sol)) {
				return // refused: the node dies of it, or tests of another package don't compile with it
			}
			if !failed {
				t.Errorf("the check lets it through, or fails without saying so:\n%s", strings.Join(o.output, "\n"))
			}
			if len(o.faults) == 0 && failed {
				t.Errorf("the check says nothing:\n%s", strings.Join(o.output, "\n"))
			}
		})
	}
}

// crashed reports whether a goroutine of the node has panicked, which ends the check.
func crashed(o *outcome) bool {
	return !o.passed && slices.ContainsFunc(o.output, func(line string) bool { return strings.HasPrefix(line, "panic: ") })
}

// breaksOthers reports whether the tests of any directory that a solution changes don't
// compile with it. The student's own check looks at all of the module.
func breaksOthers(t *testing.T, tutor *tutor, sol solution) bool {
	t.Helper()
	overlay := make(map[string]string)
	graftNode(t, tutor, sol, overlay)
	dirs := make(map[string]bool)
	for name := range overlay {
		dirs[path.Dir(name)] = true
	}
	for dir := range dirs {
		o := runTests(t, tutor, testRun{dir: dir, overlay: overlay, tests: []string{"TestNone"}})
		if len(o.build) > 0 && breaksTests(o) {
			return true
		}
	}
	return false
}

// breaksTests reports whether what doesn't compile are tests of the module itself.
func breaksTests(o *outcome) bool {
	for _, line := range o.build {
		m := compilePattern.FindStringSubmatch(filepath.ToSlash(line))
		if m != nil && (!strings.HasSuffix(m[1], "_test.go") || isCheck(m[1])) {
			return false
		}
	}
	return true
}

// Each hole and challenge has at least three wrong solutions.
func TestEnoughWrongSolutions(t *testing.T) {
	for _, s := range courseSteps() {
		count := make(map[string]int)
		for _, sol := range solutions(t, "wrong", s) {
			count[sol.id]++
		}
		for _, h := range s.holes {
			if count[h.ID] < 3 {
				t.Errorf("%s has %d wrong solutions, want 3 or more", h.ID, count[h.ID])
			}
		}
	}
}

// The right solutions of the node's challenges pass.
func TestRightSolutions(t *testing.T) {
	if testing.Short() || *wrongFlag == "sample" {
		t.Skip("long: see -wrong")
	}
	tutor := realTutor(t)
	for _, s := range tutor.steps[lastProgram:] {
		right := solutions(t, "right", s)
		for _, h := range s.holes {
			if !slices.ContainsFunc(right, func(sol solution) bool { return sol.id == h.ID }) {
				t.Errorf("%s has no right solution", h.ID)
			}
		}
		for _, sol := range right {
			t.Run(sol.name, func(t *testing.T) {
				t.Parallel()
				_, h, err := findHole(tutor.steps, sol.id)
				if err != nil {
					t.Fatal(err)
				}
				if o, tests := try(t, tutor, s, h, sol); !o.allPassed(tests) {
					t.Errorf("refused:\n%s", strings.Join(slices.Concat(o.build, o.faults, o.output), "\n"))
				}
				if breaksOthers(t, tutor, sol) {
					t.Error("tests of the project don't compile with it")
				}
			})
		}
	}
}
