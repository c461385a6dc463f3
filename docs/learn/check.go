package main

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// check tests a hole, all holes of a step, or, without a name, the one that is on.
func (t *tutor) check(ctx context.Context, name string) error {
	p := t.readProgress()
	if name == "" {
		s, ok := t.currentStep(p)
		if !ok {
			t.sayEnd()
			return nil
		}
		return t.checkOn(ctx, s, &p)
	}

	if strings.Contains(name, ".") {
		s, h, err := findHole(t.steps, name)
		if err != nil {
			return err
		}
		return t.checkOne(ctx, s, h, &p)
	}
	s, err := findStep(t.steps, name)
	if err != nil {
		return err
	}
	return t.checkStep(ctx, s, &p)
}

// checkOn checks the step's first hole that isn't solved, then the next one if the
// student has written that as well, and so on.
func (t *tutor) checkOn(ctx context.Context, s step, p *progress) error {
	for first := true; ; first = false {
		h, ok := t.next(s, *p)
		if !ok {
			return t.sayStepDone(s, *p)
		}
		if own, err := t.findOwn(s, h); !first && err == nil && own.isStub(h.ID) {
			t.say("")
			return t.showHole(s, h)
		}
		if err := t.checkHole(ctx, s, h, p); err != nil {
			return err
		}
	}
}

// checkOne checks one hole that was asked for, and tells what's next.
func (t *tutor) checkOne(ctx context.Context, s step, h hole, p *progress) error {
	if s.isNode() {
		return t.checkNode(ctx, h, p)
	}
	if err := t.checkHole(ctx, s, h, p); err != nil {
		return err
	}
	if h.Challenge {
		return nil
	}

	if p.Step != s.number {
		p.Step = s.number
		if err := t.save(*p); err != nil {
			return err
		}
	}
	if _, ok := t.next(s, *p); !ok {
		return t.sayStepDone(s, *p)
	}
	t.say("")
	return t.sayNext(*p)
}

// checkStep checks all holes of a step, in their order.
func (t *tutor) checkStep(ctx context.Context, s step, p *progress) error {
	if s.isNode() {
		return complain("Chapter %d's challenges are checked one by one, for example\n  %s check %d.1", s.number, learn, s.number)
	}
	for _, h := range s.required() {
		delete(p.Passed, h.ID)
	}
	p.Step = s.number
	return t.checkOn(ctx, s, p)
}

// checkHole checks one hole, and that those of the step that passed before still do.
func (t *tutor) checkHole(ctx context.Context, s step, h hole, p *progress) error {
	own, err := t.findOwn(s, h)
	if err != nil {
		return err
	}
	if own.isStub(h.ID) {
		return t.explainStub(h, own)
	}

	holes := []hole{h}
	if !h.Challenge {
		holes = append(t.passedBefore(s, h, *p), h)
	}
	o, tests, err := t.testHoles(ctx, s, holes)
	if err != nil {
		return err
	}
	if failed, ok := firstFailed(holes, tests, o); ok {
		delete(p.Passed, failed.ID)
		if err := t.save(*p); err != nil {
			return err
		}
		return t.explain(s, failed, h, o)
	}

	p.Passed[h.ID] = own.hash()
	if err := t.save(*p); err != nil {
		return err
	}
	t.sayPassed(h)
	return nil
}

// firstFailed returns the hole whose check failed, if any. One failure ends a run, so
// that others may not have been checked at all.
func firstFailed(holes []hole, tests map[string][]string, o *outcome) (hole, bool) {
	for _, h := range holes {
		if o.anyFailed(tests[h.ID]) {
			return h, true
		}
	}
	for _, h := range slices.Backward(holes) {
		if !o.allPassed(tests[h.ID]) {
			return h, true
		}
	}
	return hole{}, false
}

func (t *tutor) sayPassed(h hole) { t.say("✓ %s  is right (%s)", h.ID, h.Title) }

// passedBefore returns the holes of the step, other than h, that have passed.
func (t *tutor) passedBefore(s step, h hole, p progress) (holes []hole) {
	for _, other := range s.required() {
		if p.Passed[other.ID] != "" && other.ID != h.ID {
			holes = append(holes, other)
		}
	}
	return holes
}

// testHoles runs the checks of some holes of a step on the student's program. tests
// are the names of each one's: ID → names.
func (t *tutor) testHoles(ctx context.Context, s step, holes []hole) (o *outcome, tests map[string][]string, err error) {
	run, err := t.ownRun(s)
	if err != nil {
		return nil, nil, err
	}

	challenge := holes[len(holes)-1].Challenge
	checks := []string{"holes_test.go"}
	if challenge {
		checks = append(checks, "challenges_test.go")
		run.tags = "challenge"
	}
	tests = make(map[string][]string)
	for _, name := range checks {
		run.overlay[path.Join(run.dir, name)] = path.Join(s.dir(), name)
		if err := t.findTests(path.Join(s.dir(), name), holes, tests); err != nil {
			return nil, nil, err
		}
	}
	for _, h := range holes {
		if len(tests[h.ID]) == 0 {
			return nil, nil, complain("I've lost the check of %s. Get it back with\n  git checkout %s", h.ID, s.dir())
		}
		run.tests = append(run.tests, h.testName())
	}

	// A challenge that's half done must not stand in the way of a hole.
	if hidden := path.Join(run.dir, challengesFile); !challenge {
		run.overlay[hidden] = ""
		if o, err = t.goTest(ctx, run); err != nil || len(o.build) == 0 {
			return o, tests, err
		}
		if there, err := t.exists(hidden); err != nil || !there {
			return o, tests, err
		}
		delete(run.overlay, hidden)
	}
	o, err = t.goTest(ctx, run)
	return o, tests, err
}

// ownRun returns a run on the student's program, without tests of the student's own:
// those might get in the way of the checks.
func (t *tutor) ownRun(s step) (testRun, error) {
	run := testRun{dir: s.mineDir(), overlay: make(map[string]string)}
	entries, err := os.ReadDir(filepath.Join(t.root, filepath.FromSlash(run.dir)))
	if err != nil {
		return run, complain("I can't read %s: %v", run.dir, err)
	}

	for _, dir := range []string{run.dir, path.Dir(run.dir)} {
		there, err := t.exists(path.Join(dir, "go.mod"))
		if err != nil {
			return run, err
		}
		if there {
			return run, explainModule(dir)
		}
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "_test.go") {
			run.overlay[path.Join(run.dir, entry.Name())] = ""
			t.say("(I leave your own %s out of this check.)", path.Join(run.dir, entry.Name()))
		}
	}
	return run, nil
}

// findTests adds the names of the tests of some holes that a file has.
func (t *tutor) findTests(name string, holes []hole, tests map[string][]string) error {
	full := filepath.Join(t.root, filepath.FromSlash(name))
	file, err := parser.ParseFile(token.NewFileSet(), full, nil, parser.SkipObjectResolution)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return complain("I can't read the checks: %v\nGet them back with\n  git checkout %s", err, path.Dir(name))
	}

	for _, h := range holes {
		pattern := regexp.MustCompile("^" + regexp.QuoteMeta(h.testName()) + "([A-Z]|$)")
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.FuncDecl)
			if ok && decl.Recv == nil && pattern.MatchString(decl.Name.Name) && !slices.Contains(tests[h.ID], decl.Name.Name) {
				tests[h.ID] = append(tests[h.ID], decl.Name.Name)
			}
		}
	}
	return nil
}

// sayStepDone congratulates on a step, and tells what's next.
func (t *tutor) sayStepDone(s step, p progress) error {
	t.say("\nThat was the last hole of step %d: the program is yours. See it run:\n  go run ./%s\n", s.number, s.mineDir())
	if challenges := s.challenges(); len(challenges) > 0 {
		last := challenges[len(challenges)-1].ID
		t.say("If you'd like more of it there are %d challenges, %s to %s:\n  %s start %s\n", len(challenges), challenges[0].ID, last, learn, challenges[0].ID)
	}
	return t.sayNext(p)
}
