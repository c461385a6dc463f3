package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gosimpleblockchain/view"
)

// A fakeLab has no nodes. It tells of each line, and plays a lesson of two stops.
type fakeLab struct {
	record *labRecord
	next   chan struct{}
	stops  bool
	fails  string // how the lesson fails
	wg     sync.WaitGroup
}

func newFakeLab() *fakeLab {
	return &fakeLab{record: newLabRecord().opened(), next: make(chan struct{}, 1), stops: true}
}

// opened lets the record tell what comes.
func (r *labRecord) opened() *labRecord {
	r.begin(nil)
	return r
}

func (l *fakeLab) LabEvents(ctx context.Context, after int) ([]view.LabEvent, error) {
	return (&lab{record: l.record}).LabEvents(ctx, after)
}

func (l *fakeLab) happened() []view.LabEvent { return l.record.all() }

func (l *fakeLab) completions(string) []string { return nil }

func (l *fakeLab) Do(ctx context.Context, line string) (string, error) {
	word, _, _ := strings.Cut(line, " ")
	if labTells(line) {
		l.record.did(line, view.Words{})
	}
	switch word {
	case "play":
		if line != "play fork" {
			return "", errNoLesson
		}
		l.wg.Go(func() { l.play(context.WithoutCancel(ctx), "fork") })
	case "next":
		l.next <- struct{}{}
	case "show":
		return "A  block 0\nB  block 0", nil
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	case "mine":
		l.record.did("", view.Words{EN: "mined"})
		return "mined", nil
	case "answer":
		return "So.", nil
	case "quit":
		return "", errQuit
	default:
		return "", errors.New("no word of the lab")
	}
	return "", nil
}

func (l *fakeLab) play(ctx context.Context, name string) error {
	say := func(step int, say string, stops bool) {
		l.record.say(view.LabLesson{Name: name, Title: view.Words{EN: "A fork"}, Step: step, Steps: 2, Say: view.Words{EN: say}, Stops: stops})
	}
	say(0, "", false)
	for i, text := range []string{"First.", "Second."} {
		say(i+1, text, l.stops)
		if l.stops {
			<-l.next
		}
	}
	over := view.LabLesson{Name: name, Over: true, Say: view.Words{EN: "Why?"}, Answer: view.Words{EN: "So."}}
	if l.fails != "" {
		over = view.LabLesson{Name: name, Over: true, Failed: l.fails}
	}
	l.record.say(over)
	if l.fails != "" {
		return errors.New(l.fails)
	}
	return nil
}

// A fakeSession is a session of a fake lab, to which a script is read.
func fakeSession(t *testing.T, script string, set func(*options, *fakeLab)) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	o := &options{stdin: strings.NewReader(script), stdout: &output{Writer: &out}, stderr: &errs}
	l := newFakeLab()
	if set != nil {
		set(o, l)
	}
	s := newLabSession(o, nil)
	s.core = l
	err = s.run(t.Context())
	l.wg.Wait()
	return out.String(), errs.String(), err
}

func TestLabScript(t *testing.T) {
	const failed = "A fork\n\nFirst.\n\nSecond.\n\nThe lesson did not end as it should: no agreement\n\n"
	fails := func(o *options, l *fakeLab) { l.fails, l.stops = "no agreement", false }
	tests := []struct {
		name, script string
		set          func(*options, *fakeLab)
		want         string
		wantErr      string
	}{
		{"lines", "# comment\n\nmine A\n  show \nmine   B\n", nil, "> mine A\n  mined\n> show\nA  block 0\nB  block 0\n> mine B\n  mined\n", ""},
		{"no line", "", nil, "", ""},
		{"the first error ends it", "mine A\nnonsense\nmine B\n", nil, "> mine A\n  mined\n> nonsense\n", "line 2, `nonsense`: no word of the lab"},
		{"quit", "quit\nmine A\n", nil, "> quit\n", ""},
		{"a line that is too long", "mine A\nmine " + strings.Repeat("A", maxLabLine) + "\n", nil, "> mine A\n  mined\n", "read line 2: bufio.Scanner: token too long"},
		{"a lesson goes on to its end", "play fork\n", nil,
			"> play fork\n\nA fork\n\nFirst.\n\n> next\n\nSecond.\n\n> next\n\nWhy?\n\nSo.\n\n", ""},
		{"a lesson fails", "play fork\n", fails, "> play fork\n\n" + failed, "no agreement"},
		{"no such lesson", "play nonsense\n", nil, "> play nonsense\n", "line 1, `play nonsense`: no such lesson"},
		{"-play runs through", "", func(o *options, l *fakeLab) { o.lab.lesson, l.stops = "fork", false },
			"A fork\n\nFirst.\n\nSecond.\n\nWhy?\n\nSo.\n\n", ""},
		{"-play fails", "", func(o *options, l *fakeLab) { o.lab.lesson = "fork"; fails(o, l) }, failed, "no agreement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := fakeSession(t, tt.script, tt.set)
			errText := ""
			if err != nil {
				errText = err.Error()
			}
			if got != tt.want || errText != tt.wantErr {
				t.Errorf("got\n%s\n%q\nwant\n%s\n%q", got, errText, tt.want, tt.wantErr)
			}
		})
	}
}

// A script says next when a lesson stops, not sooner.
func TestLabScriptWaitsForStops(t *testing.T) {
	got, _, err := fakeSession(t, "play fork\nnext\nnext\nmine A\n", nil)
	if err != nil || !strings.Contains(got, "> next\n\nSecond.\n\n> next\n") || !strings.Contains(got, "> mine A\n") {
		t.Errorf("%v: %s", err, got)
	}
}

// A lesson that stops goes on stopping when another one is typed wrong.
func TestLabLessonMistyped(t *testing.T) {
	o := &options{stdin: strings.NewReader(""), stdout: &output{Writer: io.Discard}, stderr: io.Discard}
	s := newLabSession(o, nil)
	s.core, s.isPerson = newFakeLab(), true
	s.noteTold(view.LabEvent{Kind: view.LabLine, Lesson: &view.LabLesson{Name: "fork", Step: 1, Stops: true}})
	for _, line := range []string{"play chess", "playful"} {
		if _, err := s.Do(t.Context(), line); err == nil {
			t.Errorf("%s: no error", line)
		}
		if enter := s.meaningOfEnter(); enter != "next" {
			t.Errorf("%s: Enter means %q then", line, enter)
		}
	}
}

// A person at a prompt goes on after an error, and by Enter where a lesson stops.
func TestLabPerson(t *testing.T) {
	y := newTypist(t, func(string) []string { return nil })
	o := &options{stdin: strings.NewReader(""), stdout: &output{Writer: y.screen}, stderr: io.Discard}
	l := newFakeLab()
	s := newLabSession(o, nil)
	s.core, s.isPerson, s.teller.isPrompted = l, true, true
	ctx, quit := context.WithCancelCause(t.Context())
	s.quit = quit
	s.setOut(y.prompt)

	var parts sync.WaitGroup
	parts.Go(func() { s.follow(ctx) })
	parts.Go(func() {
		if err := s.obey(ctx, &labInput{next: y.prompt.readLine}); err != nil {
			t.Error(err)
		}
	})
	y.screen.await(t, "> ")
	y.press("nonsense\r")
	y.screen.await(t, "no word of the lab")
	y.press("mine A\r")
	y.screen.await(t, "  mined")
	y.press("play fork\r")
	y.screen.await(t, "First.\r\n\r\n(Press Enter to go on.)")
	s.awaitStop(ctx)
	y.press("\r")
	y.screen.await(t, "Second.")
	s.awaitStop(ctx)
	y.press("\r")
	y.screen.await(t, "Why?\r\n\r\n(Press Enter")
	y.press("\r")
	y.screen.await(t, "So.")
	y.press("quit\r")
	parts.Wait()
	l.wg.Wait()

	if !errors.Is(context.Cause(ctx), errQuit) {
		t.Errorf("ends by %v", context.Cause(ctx))
	}
	if n := strings.Count(y.screen.String(), "> mine A"); n > 1 {
		t.Errorf("a line that was typed is told again: %q", y.screen.String())
	}
}

// The lab ends with its context, and by "quit" from the page, whatever it waits
// for.
func TestLabSessionEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(s *labSession, cancel func())
		want string
	}{
		{"Ctrl-C", func(_ *labSession, cancel func()) { cancel() }, "the lab was stopped"},
		{"quit", func(s *labSession, _ func()) { s.Do(context.Background(), "quit") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r, w := io.Pipe()
			defer w.Close()
			screen := newScreen()
			s := newLabSession(&options{stdin: r, stdout: &output{Writer: screen}, stderr: io.Discard}, nil)
			s.core = newFakeLab()

			ended := make(chan error, 1)
			go func() { ended <- s.run(ctx) }()
			io.WriteString(w, "mine A\nwait agree\n")
			screen.await(t, "> wait agree")
			tt.end(s, cancel)
			got := ""
			if err := <-ended; err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			cancel()
		})
	}
}

// A lab whose output nobody reads on ends with the error of writing.
func TestLabStdoutIsClosed(t *testing.T) {
	errGone := errors.New("broken pipe")
	_, _, err := fakeSession(t, "mine A\nwait agree\n", func(o *options, _ *fakeLab) {
		o.stdout.Writer = failingWriter{errGone}
	})
	if !errors.Is(err, errGone) {
		t.Errorf("error is %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestLabFlags(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-nodes 1", `lab: invalid value "1" for flag -nodes: give a whole number from 2 to 12`},
		{"-nodes 13", `lab: invalid value "13" for flag -nodes: give a whole number from 2 to 12`},
		{"-play nonsense", `lab: invalid value "nonsense" for flag -play: there are article, fork,`},
		{"-lang fr", `lab: invalid value "fr" for flag -lang: give en or zh`},
		{"-seed x", `lab: invalid value "x" for flag -seed: give a whole number`},
		{"-view nowhere", `lab: invalid value "nowhere" for flag -view: give HOST:PORT`},
		{"fork", `lab: "fork" is one argument too many`},
	}
	for _, tt := range tests {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"lab"}, strings.Fields(tt.args)...), &stdout, &stderr)
		if code != 2 || !strings.HasPrefix(stderr.String(), tt.want) {
			t.Errorf("%s: exit code %d, %s, want 2, %s", tt.args, code, stderr.String(), tt.want)
		}
	}
}

// Before a lab begins it is clear that what happens can be saved.
func TestLabSaveNowhere(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "nowhere", "lab.html")} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"lab", "-plain", "-save", path}, &stdout, &stderr)
		if code != 1 || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "-save "+path+": ") {
			t.Errorf("%s: exit code %d, %s%s", path, code, stdout.String(), stderr.String())
		}
	}
	if left := must(os.ReadDir(dir))(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file is replaced as a whole, or stays as it was.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lab.html")
	errWrite := errors.New("no room")
	for _, tt := range []struct {
		text string
		err  error
		want string
	}{{"one", nil, "one"}, {"half of tw", errWrite, "one"}, {"three", nil, "three"}} {
		err := replaceFile(path, func(f *os.File) error {
			io.WriteString(f, tt.text)
			return tt.err
		})
		if got := string(must(os.ReadFile(path))(t)); !errors.Is(err, tt.err) || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
	if left := must(os.ReadDir(dir))(t); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// runLab runs the command on real nodes, with a script as its input.
func runLab(t *testing.T, ctx context.Context, script io.Reader, stdout io.Writer, args ...string) (stderr string, err error) {
	t.Helper()
	var errs bytes.Buffer
	o := &options{stdin: script, stdout: &output{Writer: stdout}, stderr: &errs, zone: time.UTC}
	err = o.run(ctx, append([]string{"lab"}, args...))
	return errs.String(), err
}

// The whole command: a script, a page, a file, and nothing left behind.
func TestLabCommand(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TEMP", dir)
	t.Setenv("TMP", dir)
	file := filepath.Join(t.TempDir(), "lab.html")
	var out bytes.Buffer
	script := "mine A\nwait agree\nexpect height B 1\nplay python\n"
	stderr, err := runLab(t, t.Context(), strings.NewReader(script), &out, "-nodes", "2", "-view", "127.0.0.1:0", "-save", file)
	if err != nil || stderr != "saved what happened to "+file+": open it in a browser\n" {
		t.Errorf("%v: %s", err, stderr)
	}

	lines := strings.Split(out.String(), "\n")
	if !strings.HasPrefix(lines[0], "http://127.0.0.1:") || !strings.Contains(lines[0], "/#token=") {
		t.Errorf("the first line is %q", lines[0])
	}
	for _, want := range []string{"> mine A", "> expect height B 1", "Two nodes mine one pool", "> next", "> expect differ A B"} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, out.String())
		}
	}
	if saved := string(must(os.ReadFile(file))(t)); !strings.Contains(saved, "Two nodes mine one pool") {
		t.Errorf("saved: %.200s", saved)
	}
	if left := must(os.ReadDir(dir))(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// In a pipe a lesson runs through, and Ctrl-C ends it in peace, whatever it waits
// for; what happened until then is saved.
func TestLabIsStopped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lab.html")
	ctx, cancel := context.WithCancel(t.Context())
	stderr, err := runLab(t, ctx, strings.NewReader(""), &stopper{cancel}, "-play", "fork", "-plain", "-save", file)
	if err == nil || err.Error() != "the lab was stopped" || !strings.HasPrefix(stderr, "saved what happened") {
		t.Errorf("%v: %s", err, stderr)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestLabLessonInPipe(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := runLab(t, t.Context(), strings.NewReader(""), &out, "-play", "python", "-plain", "-lang", "zh"); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"两个节点挖同一个交易池", "A alice      ", "■ 2 ", "不同时挖"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colours in a pipe")
	}
}
