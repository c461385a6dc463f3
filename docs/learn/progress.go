package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A progress is what learn remembers between two runs, in _mine/progress.json.
type progress struct {
	Step   int               `json:"step"`   // the step that the student works on; 0: none yet
	Passed map[string]string `json:"passed"` // ID → hash of the function that passed
	Hints  map[string]int    `json:"hints"`  // ID → how many hints were asked for
}

func (t *tutor) progressPath() string { return filepath.Join(t.root, "_mine", "progress.json") }

// readProgress reads what learn remembers. A file that is missing or damaged is no
// error: then it remembers nothing, and says so.
func (t *tutor) readProgress() (p progress) {
	text, err := os.ReadFile(t.progressPath())
	if info, statErr := os.Stat(filepath.Dir(t.progressPath())); statErr == nil && !info.IsDir() {
		t.say("_mine should be a directory, and is a file. Move it away: your programs go there.\n")
		err = fs.ErrNotExist
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.say("I can't read _mine/progress.json any more, so I've forgotten what you've solved. Your programs are all there:")
		t.say("%s check step1 (then step2, …) finds it out again.\n", learn)
		p = progress{}
	}

	if p.Passed == nil {
		p.Passed = make(map[string]string)
	}
	if p.Hints == nil {
		p.Hints = make(map[string]int)
	}
	return p
}

// save writes down what learn remembers, all of it or nothing.
func (t *tutor) save(p progress) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}

	path := t.progressPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return complain("I can't remember how far you are: %v", err)
	}
	if err := replaceFile(path, text); err != nil {
		return complain("I can't remember how far you are: %v\nMay you write in _mine, and is _mine/progress.json a file? Move away what's in the way there.", err)
	}
	return nil
}

// replaceFile gives a file another text, all of it or nothing. Others may do the same
// at the same time: the last one wins.
func replaceFile(path string, text []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), "new-")
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name()) // if it's still there

	_, err = fresh.Write(text)
	if err := errors.Join(err, fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), path)
}

// A state is how a hole stands.
type state int

const (
	open    state = iota // not solved yet
	changed              // it passed, and was changed since
	solved
)

// states returns how the holes of a step stand, in their order.
func (t *tutor) states(s step, p progress) []state {
	states := make([]state, len(s.holes))
	mine, err := readProgram(t.root, s.mineDir())
	for i, h := range s.holes {
		hash, passed := p.Passed[h.ID]
		switch {
		case !passed:
			states[i] = open
		case s.isNode():
			states[i] = solved
		case errors.Is(err, errNoProgram):
			states[i] = open
		case err != nil:
			states[i] = solved // as far as one can see while it isn't Go
		default:
			states[i] = changed
			if found := mine.find(h.Func); len(found) == 1 && found[0].hash() == hash {
				states[i] = solved
			}
		}
	}
	return states
}

// next returns the first hole of a step that isn't solved.
func (t *tutor) next(s step, p progress) (hole, bool) {
	for i, state := range t.states(s, p) {
		if !s.holes[i].Challenge && state != solved {
			return s.holes[i], true
		}
	}
	return hole{}, false
}

// currentStep returns the step that the student works on: the one that was begun
// last, or if it's done the one after it that isn't, or else one before. ok is false
// when all are done.
func (t *tutor) currentStep(p progress) (_ step, ok bool) {
	begun := min(max(p.Step-1, 0), len(t.steps))
	for _, s := range slices.Concat(t.steps[begun:], t.steps[:begun]) {
		if _, ok := t.next(s, p); ok {
			return s, true
		}
	}
	return step{}, false
}

// overview tells how far the student is, and what to type next.
func (t *tutor) overview() error {
	p := t.readProgress()
	t.say("Your own blockchain, step by step:\n")

	challenges, won := 0, 0
	for _, s := range t.steps {
		var bar strings.Builder
		for i, state := range t.states(s, p) {
			if s.holes[i].Challenge {
				challenges++
				if state == solved {
					won++
				}
				continue
			}
			bar.WriteString(marks[state])
		}
		if bar.Len() > 0 {
			t.say("  step %d  %s %s", s.number, padTo(s.title, 26), bar.String())
		}
	}
	t.say("\n  %s solved   %s changed since   %s to do\n", marks[solved], marks[changed], marks[open])
	if won > 0 {
		t.say("Challenges: %d of %d.\n", won, challenges)
	}
	return t.sayNext(p)
}

// marks are how the overview shows the states.
var marks = map[state]string{open: "·", changed: "?", solved: "✓"}
