package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// startLab opens a lab that ends with the test.
func startLab(t testing.TB, config labConfig) *lab {
	t.Helper()
	config.dir = t.TempDir()
	l, err := openLab(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(transcript(l.record.all()))
		}
	})
	return l
}

// enter carries out lines, which must not fail, and returns what the last one said.
func (l *lab) enter(t testing.TB, lines ...string) (said string) {
	t.Helper()
	for _, line := range lines {
		var err error
		said, err = l.Do(t.Context(), line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return said
}

// transcript tells what happened, for whoever looks for a fault.
func transcript(events []view.LabEvent) string {
	var s strings.Builder
	for _, e := range events {
		fmt.Fprintf(&s, "%6d %-8s %s ", e.At, e.Kind, e.Node)
		switch {
		case e.Message != nil:
			fmt.Fprintf(&s, "%d %s>%s %s %s", e.Message.ID, e.Message.From, e.Message.To, e.Message.Kind, e.Message.Text.EN)
		case e.Chain != nil:
			fmt.Fprintf(&s, "%d %.8s, %d new", e.Chain.Height, e.Chain.Tip, len(e.Chain.Blocks))
		case e.Lesson != nil:
			fmt.Fprintf(&s, "%d %s %s", e.Lesson.Step, e.Lesson.Say.EN, e.Lesson.Failed)
		case e.Text != nil:
			s.WriteString(e.Text.EN)
		}
		fmt.Fprintf(&s, " %s\n", e.Line)
	}
	return s.String()
}

// Every lesson ends as it is told.
func TestLessons(t *testing.T) {
	for _, lesson := range lessons {
		t.Run(lesson.name, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, labConfig{nodes: 2})
			if err := l.play(t.Context(), lesson.name); err != nil {
				t.Error(err)
			}
		})
	}
}

// The lesson's lookup takes hops enough to be worth looking at, and each shares
// more bits with what it looks for.
func TestLookupLesson(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{seed: 7})
	if err := l.play(t.Context(), "lookup"); err != nil {
		t.Fatal(err)
	}
	asks := regexp.MustCompile(`^asks \w(?:, (\d+) hops away| of its table), (?:2\^(\d+) from|which has)`)
	hops, last := 0, 160
	for _, e := range l.record.all() {
		found := []string(nil)
		if e.Kind == view.LabTold && e.Node == "A" {
			found = asks.FindStringSubmatch(e.Text.EN)
		}
		if found == nil {
			continue
		}
		distance, _ := strconv.Atoi(found[2]) // of the node itself: ""
		if distance >= last {
			t.Errorf("after 2^%d: %s", last, e.Text.EN)
		}
		hops, last = hops+1, distance
	}
	if hops < 3 {
		t.Errorf("%d hops", hops)
	}
}
