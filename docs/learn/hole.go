package main

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A hole is a function that the student writes.
type hole struct {
	ID   string // "2.3": the third of chapter 2
	Func string // "mine", or "BlockHeader.work" for a method; chapters 7 and 8: what to extend, or ""

	Title, TitleZH string
	Task, TaskZH   string // what to write, and what for
	Nudge, NudgeZH string // first hint: points the way
	Idea, IdeaZH   string // second hint: the idea in words, not in code

	Challenge bool // optional, and harder: it extends the step
}

// A step is a chapter, as learn sees it.
type step struct {
	number int
	title  string
	page   string // relative to the module
	holes  []hole // and the challenges, in the order of the page
}

// courseSteps returns the chapters in order. 1 to 6 are programs with holes; 7 and 8
// only have challenges, which extend the node itself. Their texts are in the
// student's language.
func courseSteps() []step {
	steps := []step{
		{1, text("A chain of blocks"), "docs/01-basic-prototype.md", step1},
		{2, text("Proof of work"), "docs/02-proof-of-work.md", step2},
		{3, text("A file, and commands"), "docs/03-persistence-and-cli.md", step3},
		{4, text("Transactions"), "docs/04-transactions-1.md", step4},
		{5, text("Keys and signatures"), "docs/05-addresses.md", step5},
		{6, text("Coins, pool and branches"), "docs/06-transactions-2.md", step6},
		{7, text("The network"), "docs/07-network.md", step7},
		{8, text("Beyond the article"), "docs/08-beyond-the-article.md", step8},
	}
	if chinese {
		for i, s := range steps {
			steps[i] = s.inChinese()
		}
	}
	return steps
}

// inChinese returns the step with its Chinese page and texts.
func (s step) inChinese() step {
	s.page = "docs/zh/" + path.Base(s.page)
	s.holes = slices.Clone(s.holes)
	for i, h := range s.holes {
		h.Title, h.Task, h.Nudge, h.Idea = h.TitleZH, h.TaskZH, h.NudgeZH, h.IdeaZH
		s.holes[i] = h
	}
	return s
}

// lastProgram is the number of the last step that is a program of its own.
const lastProgram = 6

// isNode reports whether the step's challenges extend the node, not a program of
// the student's.
func (s step) isNode() bool { return s.number > lastProgram }

// dir is where the step's program is, relative to the module, with slashes.
func (s step) dir() string { return fmt.Sprintf("docs/step%d", s.number) }

// mineDir is where the student's own is.
func (s step) mineDir() string { return fmt.Sprintf("_mine/step%d", s.number) }

// required returns the holes that aren't challenges.
func (s step) required() []hole {
	return slices.DeleteFunc(slices.Clone(s.holes), func(h hole) bool { return h.Challenge })
}

// challenges returns the others.
func (s step) challenges() []hole {
	return slices.DeleteFunc(slices.Clone(s.holes), func(h hole) bool { return !h.Challenge })
}

// testName is how the names of the hole's tests begin: TestHole2_3.
func (h hole) testName() string {
	return "TestHole" + strings.ReplaceAll(h.ID, ".", "_")
}

// findHole returns the hole with an ID, and its step.
func findHole(steps []step, id string) (step, hole, error) {
	for _, s := range steps {
		for _, h := range s.holes {
			if h.ID == id {
				return s, h, nil
			}
		}
	}
	return step{}, hole{}, complain("%s", wrap(text("There is no %s. These are the ones there are: %s.", id, idRanges(steps))))
}

// findStep returns the step that is named "2" or "step2".
func findStep(steps []step, name string) (step, error) {
	for _, s := range steps {
		if strings.TrimPrefix(name, "step") == strconv.Itoa(s.number) {
			return s, nil
		}
	}
	return step{}, complain("There is no step %q: they go from 1 to %d.", name, lastProgram)
}

// idRanges lists all IDs in short: "1.1 to 1.8, 2.1 to 2.8".
func idRanges(steps []step) string {
	var ranges []string
	for _, s := range steps {
		if n := len(s.holes); n > 0 {
			ranges = append(ranges, text("%s to %s", s.holes[0].ID, s.holes[n-1].ID))
		}
	}
	return strings.Join(ranges, text(", "))
}
