package main

import "strings"

// hint gives the next hint for a hole, or for the one that is on.
func (t *tutor) hint(id string) error {
	p := t.readProgress()
	if id == "" {
		s, ok := t.currentStep(p)
		if !ok {
			t.sayEnd()
			return nil
		}
		h, _ := t.next(s, p)
		id = h.ID
	}
	_, h, err := findHole(t.steps, id)
	if err != nil {
		return err
	}

	switch p.Hints[h.ID] {
	case 0:
		t.say("%s  %s: a nudge.\n%s", h.ID, h.Title, wrap(h.Nudge))
	case 1:
		t.say("%s  %s: the idea.\n%s", h.ID, h.Title, wrap(h.Idea))
	default:
		t.say("%s  %s: both hints once more.\n%s\n\n%s\n\nThat's all the hints. One way to write it:\n  %s solution %s",
			h.ID, h.Title, wrap(h.Nudge), wrap(h.Idea), learn, h.ID)
		return nil
	}
	p.Hints[h.ID]++
	return t.save(p)
}

// solution prints one way to write a hole. It has to be asked for by its ID.
func (t *tutor) solution(id string) error {
	if id == "" {
		return complain("Of which one? For example:\n  %s solution 1.1", learn)
	}
	s, h, err := findHole(t.steps, id)
	if err != nil {
		return err
	}
	if s.isNode() {
		return t.nodeSolution(s, h)
	}

	reference, err := t.reference(s, h)
	if err != nil {
		return err
	}
	t.say("%s", strings.TrimSuffix(reference.text(), "\n"))
	if h.Challenge {
		t.say("\nThat's from %s. Yours may look quite different, and be as good.", reference.file.path)
	} else {
		t.say("\nThat's from %s; %s tells how it comes about.\nYours may look quite different, and be as good.", reference.file.path, s.page)
	}
	return nil
}
