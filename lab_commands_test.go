package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// What is typed wrong is an error that says what to type, and changes nothing.
func TestLabErrors(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2, seed: usualSeed})
	l.enter(t, "kill B")
	tests := []struct{ line, want string }{
		{"dig A", `"dig" is no word of the lab: ` + "`help` lists them"},
		{"mine", "mine: type `mine A [N]`"},
		{"mine Z", `there is no node "Z": there are A and B`},
		{"mine B", "B does not run: type `start B`"},
		{"mine A 0", "\"0\": give a whole number from 1 to 100"},
		{"mine A 1 1", "mine: type `mine A [N]`"},
		{"send alice bob", "send: type `send alice bob 10 [at C]`"},
		{"send alice bob 10 from A", "send: type `send alice bob 10 [at C]`"},
		{"send alice bob -5", "amount: give a whole number from 1 to"},
		{"send alice nobody 5", `"nobody" has no wallet in the lab`},
		{"send alice bob 5000", "alice has not paid: 5000 is more than there is to spend"},
		{"send mallory bob 5", `"mallory" has no wallet at a node that runs`},
		{"send bob alice 5 at A", "A has no wallet of \"bob\": `copy bob A` gives it one"},
		{"cut A", "cut: type `cut A B`"},
		{"cut A A", "there is no wire from A to itself"},
		{"cut A>C", `there is no node "C"`},
		{"cut A,B B", "there is no wire from B to itself"},
		{"delay A B", `"B" is no delay: give 0ms to 10s`},
		{"delay A B 1h", `"1h" is no delay: give 0ms to 10s`},
		{"delay A B -1s", `"-1s" is no delay`},
		{"loss A B 95%", `"95%" is no loss: give 0% to 90%`},
		{"kill B", "B does not run"},
		{"start A", "A runs already"},
		{"start D", "the next node is C: type `start C`"},
		{"genesis A", "A has a chain already"},
		{"wallet A", "A has a wallet already: alice's"},
		{"copy alice A", "A has alice's wallet already"},
		{"step", "no message is held"},
		{"lookup A B", "both nodes have to run"},
		{"wait", "wait: type `wait CONDITION`"},
		{"wait rain", `"rain" is no condition: there are agree`},
		{"wait height A", "height: the condition is `height A N`"},
		{"expect balance alice", "balance: the condition is `balance alice N [at A]`"},
		{"expect height A 7", "not so: A has height 0"},
		{"expect differ A B", "B does not run"},
		{"expect balance alice 7", "not so: at A, alice has 1000"},
		{"expect held 7", "not so: there are 0"},
		{"play chess", `"chess": no such lesson: there are article`},
		{"next", "no lesson is played"},
		{"answer", "no lesson is played"},
	}
	for _, tt := range tests {
		_, err := l.Do(t.Context(), tt.line)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(tt.want, "\n")) {
			t.Errorf("%s: error is %v, want %s", tt.line, err, tt.want)
		}
	}
	if said, err := l.Do(t.Context(), "  # nothing"); err == nil || said != "" {
		t.Errorf("a comment: %q, %v", said, err)
	}
	if said, err := l.Do(t.Context(), "   "); err != nil || said != "" {
		t.Errorf("a blank line: %q, %v", said, err)
	}
	if _, err := l.Do(t.Context(), "quit"); !errors.Is(err, errQuit) {
		t.Error(err)
	}
	l.enter(t, "expect height A 0", "expect pool A 0")
}

// What a line changes can be seen.
func TestLabWords(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 3, seed: usualSeed})
	tests := []struct {
		name  string
		lines []string
		said  string // by the last one
	}{
		{"pay twice over", []string{"send alice bob 1", "send alice bob 1"}, "an equal payment waited already"},
		{"mine one", []string{"mine a"}, "A mined block 1, "},
		{"mine some", []string{"wait agree", "mine B 3"}, "B mined 3 blocks, up to 4, "},
		{"all follow", []string{"wait agree", "wait agree A C"}, ""},
		{"pay", []string{"send alice bob 10"}, "alice pays bob 10, at A: payment "},
		{"it arrives", []string{"wait pool C 1", "expect pool A 1"}, ""},
		{"mine it", []string{"mine C", "wait agree", "expect pool A 0"}, ""},
		{"one way", []string{"cut A>B", "mine A", "wait height C 6"}, ""},
		{"by the other", []string{"wait height B 6", "heal A B", "wait agree"}, ""},
		{"a node goes", []string{"kill C", "mine A", "wait agree A B"}, ""},
		{"and is back", []string{"start C", "wait agree"}, ""},
		{"a new one", []string{"start D", "wait agree", "wait peers D 3"}, ""},
		{"two wallets of one", []string{"copy alice D", "send alice dave 5 at D", "wait pool A 1"}, ""},
		{"slow and lossy", []string{"delay A D 20ms", "loss D>A 30%", "mine A", "wait agree", "heal"}, ""},
		{"a lookup", []string{"lookup A D"}, "A has found D, at 127.0.0.1:"},
		{"all in one table", []string{"show"}, "A  block 8 "},
		{"the wires, too", []string{"cut A,B C", "delay A>B 20ms", "loss A>B 30%", "show"}, "\n20ms slow; loses 30%: A>B\ncut: A C, B C"},
		{"until they are mended", []string{"heal"}, ""},
		{"words", []string{"help"}, "mine A [N]  "},
		{"lessons", []string{"lessons"}, "article       The tutorial's test"},
	}
	for _, tt := range tests {
		if said := l.enter(t, tt.lines...); !strings.Contains(said, tt.said) || tt.said == "" && said != "" {
			t.Errorf("%s: %q, want %q", tt.name, said, tt.said)
		}
	}
	for line := range strings.SplitSeq(l.enter(t, "help"), "\n") {
		if width := textWidth(line); width > lineWidth {
			t.Errorf("a line of help is %d columns wide: %s", width, line)
		}
	}
}

// Held messages stand where they are until they are let through.
func TestLabPause(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2, seed: usualSeed})
	l.enter(t, "pause", "send alice bob 10")
	err := l.await(t.Context(), "a held payment", func() (bool, string) {
		for _, m := range l.wires.InFlight() {
			if describeBytes(m)["kind"] == "transactions" {
				return true, ""
			}
		}
		return false, ""
	})
	if err != nil {
		t.Fatal(err)
	}
	l.enter(t, "expect pool B 0")

	for range 50 {
		if said := l.enter(t, "step"); strings.Contains(said, "A → B: payment") {
			l.enter(t, "wait pool B 1", "resume")
			return
		}
		held := len(l.wires.InFlight())
		if err := l.await(t.Context(), "an answer", func() (bool, string) { return len(l.wires.InFlight()) > 0, "" }); err != nil {
			t.Fatal(held, err)
		}
	}
	t.Error("the payment is not let through")
}

// awaitLesson waits until the lab has told that a lesson stands somewhere.
func (l *lab) awaitLesson(t testing.TB, isThere func(*view.LabLesson) bool) (at *view.LabLesson) {
	t.Helper()
	err := l.await(t.Context(), "the lesson to go on", func() (bool, string) {
		for _, e := range l.record.all() {
			if e.Lesson != nil && isThere(e.Lesson) {
				at = e.Lesson
			}
		}
		return at != nil, ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Lessons stop until they are told to go on, and another one takes their place.
func TestLessonStops(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{stops: true, seed: usualSeed})
	stopsAt := func(name string, step int) func(*view.LabLesson) bool {
		return func(at *view.LabLesson) bool { return at.Name == name && at.Step == step && at.Stops }
	}
	l.enter(t, "play late")
	l.awaitLesson(t, stopsAt("late", 1))
	l.enter(t, "next")
	l.awaitLesson(t, stopsAt("late", 2))

	l.enter(t, "play python")
	for step := range 3 {
		l.awaitLesson(t, stopsAt("python", step+1))
		l.enter(t, "next")
	}
	end := l.awaitLesson(t, func(at *view.LabLesson) bool { return at.Over })
	if end.Name != "python" || end.Failed != "" {
		t.Errorf("the end is %+v", end)
	}
	if said := l.enter(t, "answer"); !strings.Contains(said, "heartbeats") {
		t.Errorf("the answer is %q", said)
	}
}

// A lesson goes on once for each stop, however often it is told to.
func TestLessonGoesOnOnce(t *testing.T) {
	t.Parallel()
	p := &playing{next: make(chan struct{}, 1), stops: true}
	l := &lab{lesson: p}
	if _, err := l.next(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if _, err := l.next(t.Context(), nil); err == nil || len(p.next) != 1 {
		t.Errorf("the second time: %v, and it goes on %d times", err, len(p.next))
	}
}

// A lesson that does not go as it is told fails, and says where.
func TestLessonFails(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{stops: true, seed: usualSeed})
	l.enter(t, "play fork")
	l.awaitLesson(t, func(at *view.LabLesson) bool { return at.Step == 1 })
	l.enter(t, "kill B", "next") // which the lesson has not foreseen

	end := l.awaitLesson(t, func(at *view.LabLesson) bool { return at.Over })
	want := "lesson fork, at `wait pool B 1`: B does not run: type `start B`"
	if end.Failed != want {
		t.Errorf("failed is %q, want %q", end.Failed, want)
	}
}

func TestLabCompletions(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2, seed: usualSeed})
	tests := []struct{ line, want string }{
		{"mi", "mine"},
		{"s", "send start step show"},
		{"play d", "double-spend"},
		{"wait b", "balance"},
		{"send al", "alice"},
		{"send alice b", "bob"},
		{"send alice bob 10 a", "alice at"},
		{"cut ", "A B alice bob at"},
		{"xyz", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(l.completions(tt.line), " "); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.line, got, tt.want)
		}
	}
	if got := l.completions(""); len(got) != len(labWords()) {
		t.Errorf("of nothing: %v", got)
	}
}

// The list of events tells how the lab stands, for whoever reads it from the
// first on; what a reader has missed while the nodes met, it is told at once.
func TestLabEvents(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2, seed: usualSeed})
	l.enter(t, "send alice bob 10", "mine A", "wait agree", "kill B")
	if err := l.close(); err != nil {
		t.Fatal(err)
	}

	var events []view.LabEvent
	for {
		part, err := l.LabEvents(t.Context(), len(events))
		if errors.Is(err, errLabClosed) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, part...)
	}

	tips, running, flying := map[string]string{}, map[string]bool{}, map[int]bool{}
	var told, lines []string
	for i, e := range events {
		if e.Number != i+1 {
			t.Fatalf("event %d has number %d", i+1, e.Number)
		}
		switch e.Kind {
		case view.LabStarted:
			running[e.Node] = true
		case view.LabKilled:
			delete(running, e.Node)
		case view.LabGrown:
			tips[e.Node] = e.Chain.Tip
		case view.LabSent:
			flying[e.Message.ID] = true
		case view.LabArrived, view.LabLost:
			if !flying[e.Message.ID] {
				t.Errorf("message %d ends, and was not sent", e.Message.ID)
			}
			delete(flying, e.Message.ID)
		case view.LabTold:
			told = append(told, e.Node+" "+e.Text.EN)
		case view.LabDid:
			if e.Line != "" {
				lines = append(lines, e.Line)
			}
		}
	}
	if tips["A"] == "" || tips["A"] != tips["B"] {
		t.Errorf("tips are %v", tips)
	}
	if len(running) > 0 || len(flying) > 0 {
		t.Errorf("at the end run %v, and fly %v", running, flying)
	}
	if got := strings.Join(lines, "; "); got != "send alice bob 10; mine A; wait agree; kill B" {
		t.Errorf("lines are %s", got)
	}
	want := "B checked payment"
	if !slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, want) }) {
		t.Errorf("told is %q, without %q", told, want)
	}
	if last := events[len(events)-1]; last.Kind != view.LabClosed {
		t.Errorf("the last event is %v", last.Kind)
	}
}

// To tell which message a step lets through changes nothing of what was told.
func TestLabLabelChangesNothing(t *testing.T) {
	r := newLabRecord()
	r.begin(nil)
	message := func(id, height int) wire.Message {
		genesis := `{"block_header": {"height": 0, "hash": "` + strings.Repeat("0", 64) + `", "prev_block_hash": ""}}`
		text := fmt.Sprintf(`{"code": 1, "data": {"last_height": %d, "genesis_block": %s}}`, height, genesis)
		return wire.Message{ID: id, From: "A", To: "B", Bytes: []byte(text)}
	}
	old := message(1, 3)
	r.pass(wire.Event{Message: old, What: wire.Sent})
	r.pass(wire.Event{Message: message(2, 4), What: wire.Sent})

	if got := labelOf(old).EN; got != "handshake: height 3" {
		t.Errorf("the label is %q", got)
	}
	if got := r.height("A"); got != 4 {
		t.Errorf("A has told height %d, want 4", got)
	}
}
