package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// start gives the student a step with holes, or a challenge. With again an old one is
// moved aside first. Without a name it's the step that is on.
func (t *tutor) start(name string, again bool) error {
	if strings.Contains(name, ".") {
		return t.startChallenge(name, again)
	}

	p := t.readProgress()
	s, ok := t.currentStep(p)
	if name != "" {
		var err error
		if s, err = findStep(t.steps, name); err != nil {
			return err
		}
	} else if !ok {
		return t.sayNext(p)
	}
	if s.isNode() {
		return complain("Chapter %d has no program of its own: there you extend the node itself. See %s.", s.number, s.page)
	}

	if err := t.giveStep(s, again, &p); err != nil {
		return err
	}
	p.Step = s.number
	if err := t.save(p); err != nil {
		return err
	}
	return t.sayNext(p)
}

// giveStep puts a step with holes into _mine, unless it's there already.
func (t *tutor) giveStep(s step, again bool, p *progress) error {
	there, err := t.exists(s.mineDir())
	if err != nil {
		return err
	}
	if there && again {
		aside, err := t.moveAside(s.mineDir())
		if err != nil {
			return err
		}
		t.say("Your old %s is now %s.", s.mineDir(), aside)
	}
	if there && !again {
		t.say("%s is there already, and stays as it is. To begin anew:\n  %s start %d -again\n", s.mineDir(), learn, s.number)
		return nil
	}

	files, err := t.cutStep(s)
	if err != nil {
		return err
	}
	if err := t.write(s.mineDir(), files); err != nil {
		return err
	}
	for _, h := range s.holes {
		delete(p.Passed, h.ID)
	}
	t.say("Step %d, %s, is in %s now: the program of %s, with %d holes in it.\n", s.number, s.title, s.mineDir(), s.page, len(s.required()))
	return nil
}

// exists reports whether there is something under a name in the module.
func (t *tutor) exists(name string) (bool, error) {
	_, err := os.Lstat(filepath.Join(t.root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, complain("I can't look at %s: %v", name, err)
	}
	return true, nil
}

// moveAside gives a file or directory another name, one that's free, and returns it.
func (t *tutor) moveAside(name string) (string, error) {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.old-%d", name, n)
		there, err := t.exists(aside)
		if err != nil {
			return "", err
		}
		if there {
			continue
		}

		err = os.Rename(filepath.Join(t.root, filepath.FromSlash(name)), filepath.Join(t.root, filepath.FromSlash(aside)))
		if err != nil {
			return "", complain("I can't move %s aside: %v\nIs it open in another program?", name, err)
		}
		return aside, nil
	}
}

// cutStep returns the files of a step with its holes cut out: name → text.
func (t *tutor) cutStep(s step) (map[string][]byte, error) {
	holes := make(map[string]string)
	for _, h := range s.required() {
		holes[h.Func] = h.ID
	}
	return t.cutProgram(s.dir(), holes)
}

// cutProgram returns the files of a directory, those that a build with the tags takes,
// with holes cut out: name → text. holes are function name → ID.
func (t *tutor) cutProgram(dir string, holes map[string]string, tags ...string) (map[string][]byte, error) {
	p, err := readProgram(t.root, dir, tags...)
	if errors.Is(err, errNoProgram) {
		return nil, complain("%s isn't there. Get it back with\n  git checkout %s", dir, dir)
	}
	if err != nil {
		return nil, explainDocs(dir, err)
	}

	files := make(map[string][]byte)
	for _, f := range p.files {
		if files[f.name], err = p.cut(f, holes); err != nil {
			return nil, complain("I can't cut the holes out of %s: %v", f.path, err)
		}
	}
	return files, nil
}

// write makes a directory with these files: all of them, or it isn't there.
func (t *tutor) write(dir string, files map[string][]byte) error {
	full := filepath.Join(t.root, filepath.FromSlash(dir))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return complain("I can't make %s: %v", dir, err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(full), "new-")
	if err != nil {
		return complain("I can't make %s: %v", dir, err)
	}
	defer os.RemoveAll(fresh) // if it's still there

	if err := os.Chmod(fresh, 0o755); err != nil {
		return complain("I can't make %s: %v", dir, err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o666); err != nil {
			return complain("I can't write %s: %v", path.Join(dir, name), err)
		}
	}
	if err := os.Rename(fresh, full); err != nil {
		return complain("I can't make %s: %v", dir, err)
	}
	return nil
}

// challengesFile is where challenges stand, both in docs/stepN and in _mine/stepN.
const challengesFile = "challenges.go"

// challengeTag keeps the ones in docs out of the step's program.
const challengeTag = "//go:build challenge\n\n"

// startChallenge puts the step's challenges beside the student's program, unless they
// are there, and tells what the one asked for is about.
func (t *tutor) startChallenge(id string, again bool) error {
	s, h, err := findHole(t.steps, id)
	if err != nil {
		return err
	}
	if !h.Challenge {
		return complain("%s is a hole of step %d, which you get whole:\n  %s start %d", id, s.number, learn, s.number)
	}
	if s.isNode() {
		return t.showHole(s, h)
	}

	p := t.readProgress()
	if err := t.giveProgramFor(s); err != nil {
		return err
	}
	if err := t.giveChallenges(s, again, &p); err != nil {
		return err
	}
	if err := t.save(p); err != nil {
		return err
	}
	return t.showHole(s, h)
}

// giveProgramFor sees to it that there's a program for challenges to extend: the
// student's own, or else the finished step.
func (t *tutor) giveProgramFor(s step) error {
	there, err := t.exists(s.mineDir())
	if there || err != nil {
		return err
	}

	files, err := t.cutProgram(s.dir(), nil)
	if err != nil {
		return err
	}
	if err := t.write(s.mineDir(), files); err != nil {
		return err
	}
	t.say("You haven't begun step %d, so I've put the finished program into %s for you to extend.", s.number, s.mineDir())
	t.say("(If you'd rather write it yourself first: %s start %d -again.)\n", learn, s.number)
	return nil
}

// giveChallenges puts the step's challenges, as holes, beside the student's program.
func (t *tutor) giveChallenges(s step, again bool, p *progress) error {
	name := path.Join(s.mineDir(), challengesFile)
	there, err := t.exists(name)
	if err != nil {
		return err
	}
	if there && !again {
		return nil
	}

	text, err := t.cutChallenges(s)
	if err != nil {
		return err
	}
	if there {
		aside, err := t.moveAside(name)
		if err != nil {
			return err
		}
		t.say("Your old %s is now %s.\n", name, aside)
	}
	if err := os.WriteFile(filepath.Join(t.root, filepath.FromSlash(name)), text, 0o666); err != nil {
		return complain("I can't write %s: %v", name, err)
	}
	for _, h := range s.challenges() {
		delete(p.Passed, h.ID)
	}
	return nil
}

// cutChallenges returns the step's challenges as holes, in a file without a build tag.
func (t *tutor) cutChallenges(s step) ([]byte, error) {
	holes := make(map[string]string)
	for _, h := range s.challenges() {
		holes[h.Func] = h.ID
	}

	files, err := t.cutProgram(s.dir(), holes, "challenge")
	if err != nil {
		return nil, err
	}
	text, ok := files[challengesFile]
	if !ok {
		return nil, complain("Step %d has no challenges.", s.number)
	}
	return bytes.TrimPrefix(text, []byte(challengeTag)), nil
}
