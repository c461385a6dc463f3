package main

import (
	"errors"
	"path"
	"strings"
)

// sayNext tells what to do next, and the one command for it.
func (t *tutor) sayNext(p progress) error {
	s, ok := t.currentStep(p)
	if !ok {
		t.sayEnd()
		return nil
	}

	there, err := t.exists(s.mineDir())
	if err != nil {
		return err
	}
	if !there {
		t.say("Next is step %d, %s. Read %s, and type\n  %s start %d", s.number, s.title, s.page, learn, s.number)
		return nil
	}
	h, _ := t.next(s, p)
	return t.showHole(s, h)
}

// sayEnd is what whoever has solved all six steps is told.
func (t *tutor) sayEnd() {
	t.say("All six steps are yours. Will a real node take the chain that your program makes?\n  %s finale", learn)
	t.say("\nThen join a classmate's node, which runs at 192.168.1.7, say, by `go run . start` (chapter 7 tells more):\n  go run . start -data data2 -bootstrap 192.168.1.7:5678")
}

// show tells what a hole asks for, and where it is. Without an ID it's the one that
// is on.
func (t *tutor) show(id string) error {
	if id == "" {
		return t.sayNext(t.readProgress())
	}
	s, h, err := findHole(t.steps, id)
	if err != nil {
		return err
	}
	return t.showHole(s, h)
}

// showHole tells what a hole asks for, where it is, and what to type.
func (t *tutor) showHole(s step, h hole) error {
	t.say("%s  %s\n%s", h.ID, h.Title, wrap(h.Task))
	if s.isNode() {
		t.say("\nThis one extends the node itself; %s says where to begin. Then type\n  %s check %s", s.page, learn, h.ID)
		return nil
	}

	command := learn + " check"
	if h.Challenge {
		command += " " + h.ID
	}
	own, err := t.findOwn(s, h)
	if err != nil {
		t.say("")
		return err
	}
	if missing := t.missingImports(s, h, own); len(missing) > 0 {
		t.say("You may need to import: %s.", strings.Join(missing, text(", ")))
	}
	t.say("\nWrite it in %s. Then type\n  %s", own.where(), command)
	return nil
}

// missingImports returns the packages that one way to write the hole uses, and that
// the student's file doesn't import.
func (t *tutor) missingImports(s step, h hole, own function) []string {
	reference, err := t.reference(s, h)
	if err != nil {
		return nil
	}
	return missingImports(reference, own)
}

// reference returns the hole's function as it is in docs.
func (t *tutor) reference(s step, h hole) (function, error) {
	p, err := readProgram(t.root, s.dir(), "challenge")
	if err != nil && !errors.Is(err, errNoProgram) {
		return function{}, explainDocs(s.dir(), err)
	}
	if err == nil {
		if found := p.find(h.Func); len(found) == 1 {
			return found[0], nil
		}
	}
	return function{}, complain("I can't find %s in %s. Get it back with\n  git checkout %s", h.Func, s.dir(), s.dir())
}

// explainDocs tells that a program of the course's own can't be read.
func explainDocs(dir string, err error) error {
	return complain("The course's own program has been changed:\n%s\nYours are in _mine. Get it back with\n  git checkout %s", indent(err.Error()), dir)
}

// findOwn returns the hole's function in the student's program. The error says what
// is wrong if it's not there, or isn't what was asked for.
func (t *tutor) findOwn(s step, h hole) (function, error) {
	reference, err := t.reference(s, h)
	if err != nil {
		return function{}, err
	}

	file := path.Join(s.mineDir(), reference.file.name)
	p, err := readProgram(t.root, s.mineDir())
	if errors.Is(err, errNoProgram) {
		return function{}, t.explainNoProgram(s)
	}
	if err != nil {
		return function{}, err
	}

	found := p.find(h.Func)
	switch {
	case len(found) > 1:
		return function{}, complain("There are two functions called %s: in %s, and in %s. Keep one of them.", h.Func, found[0].where(), found[1].where())
	case len(found) == 0 && h.Challenge:
		there, err := t.exists(path.Join(s.mineDir(), challengesFile))
		if err == nil && !there {
			return function{}, complain("You haven't begun %s yet. Type\n  %s start %s", h.ID, learn, h.ID)
		}
		fallthrough
	case len(found) == 0:
		return function{}, complain("I can't find the function of %s, %s, in %s. Was it renamed or deleted? It goes into %s, and begins with\n  %s {",
			h.ID, h.Func, s.mineDir(), file, reference.signature())
	case !sameSignature(reference, found[0]):
		return function{}, complain("%s: the first line of %s has changed. Others call this function, so it has to be\n  %s {",
			found[0].lineOfName(), h.Func, reference.signature())
	}
	return found[0], nil
}

// explainNoProgram tells what to do if there's nothing to check.
func (t *tutor) explainNoProgram(s step) error {
	there, err := t.exists(s.mineDir())
	if err != nil {
		return err
	}
	if !there {
		return complain("%s isn't there. Type\n  %s start %d", s.mineDir(), learn, s.number)
	}
	return complain("There's no Go file in %s that a build would take. To begin step %d anew, type\n  %s start %d -again", s.mineDir(), s.number, learn, s.number)
}

// lineOfName returns the place of the function's name, for people.
func (f function) lineOfName() string {
	return text("%s, line %d", f.file.path, f.prog.fset.Position(f.decl.Name.Pos()).Line)
}
