package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gosimpleblockchain/view"
)

// A session of the lab: it is shown on a page or as columns, and what is typed is
// carried out, or what a script says, or a lesson.

// A labSession is a lab that is shown, and told what to do. The page gets at the
// lab through it.
type labSession struct {
	*options
	core  labCore
	page  net.Listener // nil: none
	token string       // with which the page may change things

	isPerson         bool     // somebody sits at a terminal, and types
	keyboard, screen *os.File // which are the terminal, then

	teller *labPlain // of the goroutine that follows the events
	shared *sharedOutput

	outMu      sync.Mutex // guards all below
	out        io.Writer  // shared, or the prompt on it
	afterBlank bool       // the last line was blank, or there was none

	quit context.CancelCauseFunc // of all that runs

	mu      sync.Mutex // guards all below
	more    chan struct{}
	told    int            // events
	typed   map[string]int // lines that the terminal shows already, and their events will come
	lesson  view.LabLesson // the last that one said
	asks    bool           // its question, and nobody has pressed Enter yet
	playing bool           // it is not over, or has not begun yet
}

func newLabSession(o *options, page net.Listener) *labSession {
	s := &labSession{
		options: o,
		page:    page,
		token:   rand.Text(),
		teller:  newLabPlain(),
		shared:  &sharedOutput{out: o.stdout},
		more:    make(chan struct{}),
		typed:   make(map[string]int),

		afterBlank: page == nil, // its URL comes first
	}
	s.out = s.shared
	s.keyboard, s.screen = terminalOf(o.stdin), terminalOf(o.stdout.Writer)
	s.isPerson = s.keyboard != nil && s.screen != nil

	s.teller.chinese = o.chinese
	s.teller.colours = coloursFor(o.stdout.Writer)
	s.teller.isBrief = page != nil
	s.teller.isPrompted = s.isPerson
	s.teller.all = o.everyMessage
	return s
}

// nodes returns how many there are at first: a lesson brings its own.
func (s *labSession) nodes() int {
	if s.lab.lesson != "" {
		return 0
	}
	return s.lab.nodes
}

// runsThrough reports whether a lesson does not stop, since nobody would tell it
// to go on, and is all that there is.
func (s *labSession) runsThrough() bool { return s.lab.lesson != "" && !s.isPerson }

// errInterrupted is Ctrl-C at the prompt.
var errInterrupted = errors.New("interrupted")

// run shows the lab until its lesson or its script is over, somebody ends it, or
// ctx does. When it returns, no goroutine of the session is left, but for one that
// may read from the terminal.
func (s *labSession) run(ctx context.Context) error {
	outer := ctx
	ctx, quit := context.WithCancelCause(ctx)
	s.quit = quit
	var parts sync.WaitGroup
	defer parts.Wait()
	defer quit(nil) // runs first

	s.greet()
	in, endPrompt, err := s.openInput(ctx)
	if err != nil {
		return err
	}
	defer endPrompt()

	parts.Go(func() { quit(s.follow(ctx)) })
	if s.page != nil {
		log := newLog(s, slog.LevelWarn, false, s.chinese)
		parts.Go(func() { quit(view.ServeLab(ctx, s.page, s, s.token, log)) })
	}

	if s.runsThrough() {
		err = s.core.play(ctx, s.lab.lesson)
	} else {
		if s.lab.lesson != "" {
			s.setPlaying()
			parts.Go(func() { _ = s.core.play(ctx, s.lab.lesson) }) // how it ends is told as an event
		}
		err = s.obey(ctx, in)
	}
	s.catchUp(ctx)

	if s.isPerson {
		endPrompt()
		s.hint("stopped: the lab is closed, and its nodes are gone")
	}
	return s.outcome(outer, context.Cause(ctx), err)
}

// outcome returns the error of the command: cause is why the session ended, if it
// did not end by itself, and err is that of the lines. A person may end the lab at
// any time; a script, or a lesson in a pipe, has more to do.
func (s *labSession) outcome(outer context.Context, cause, err error) error {
	if failed := s.shared.failed(); failed != nil {
		return failed
	}
	switch {
	case outer.Err() != nil && !s.isPerson:
		return errors.New("the lab was stopped")
	case cause == nil:
		return err
	case outer.Err() != nil, errors.Is(cause, errInterrupted), errors.Is(cause, errQuit):
		return s.lessonError()
	}
	return cause
}

// greet says where the page is, and what one may type.
func (s *labSession) greet() {
	if s.page != nil {
		fmt.Fprintf(s.shared, "http://%s/#token=%s\n", s.page.Addr(), s.token)
	}
	if !s.isPerson {
		return
	}

	text := view.Words{
		EN: "Type mine A, send alice bob 10, cut A B, heal, or play fork: a lesson. Type help for all words, and quit to end. Tab completes a word.",
		ZH: "可以输入 mine A、send alice bob 10、cut A B、heal，或 play fork（一课）。help 列出所有命令，quit 结束。Tab 键补全单词。",
	}
	if s.page != nil {
		text.EN = "The lab is on the page above: open it in your browser. " + text.EN
		text.ZH = "实验室在上面的网页里：请用浏览器打开。" + text.ZH
	}
	s.write(wrapLines(s.teller.choose(text), lineWidth, ""))
}

// openInput returns where lines come from, and what gives the terminal back. It
// may be called more than once.
func (s *labSession) openInput(ctx context.Context) (in *labInput, end func(), err error) {
	if s.runsThrough() {
		return nil, func() {}, nil
	}
	if !s.isPerson || !canEdit(runtime.GOOS, os.Getenv) {
		return newLabScript(newInput(ctx, s.stdin, nil)), func() {}, nil
	}

	restore, err := makeRaw(s.keyboard)
	if err != nil {
		return nil, nil, fmt.Errorf("set up the terminal: %w: `go run . lab < FILE` reads lines from a file", err)
	}
	keys := newInput(ctx, s.keyboard, func() { s.quit(errInterrupted) })
	prompt := newLabPrompt(keys, s.shared, s.core.completions)
	prompt.out = s.screen
	s.setOut(prompt)
	return &labInput{next: prompt.readLine}, sync.OnceFunc(func() {
		_ = restore() // there is nothing else to try
		s.setOut(s.shared)
		fmt.Fprintln(s.shared)
	}), nil
}

// canEdit reports whether a terminal lets a program move its cursor.
func canEdit(system string, getenv func(string) string) bool {
	return wantsColour(system, func(name string) string {
		if name == "NO_COLOR" {
			return ""
		}
		return getenv(name)
	})
}

// A labInput is where lines come from.
type labInput struct {
	next   func() (string, error) // io.EOF: there are no more
	number int                    // of the last one
}

const maxLabLine = 4 << 10 // bytes of a line in a script

func newLabScript(r io.Reader) *labInput {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLabLine)
	return &labInput{next: func() (string, error) {
		if lines.Scan() {
			return lines.Text(), nil
		}
		if err := lines.Err(); err != nil {
			return "", err
		}
		return "", io.EOF
	}}
}

// obey carries out one line after the other. Nobody corrects a script: it ends at
// the first error. At its end the lesson that is played goes on by itself.
func (s *labSession) obey(ctx context.Context, in *labInput) error {
	for ctx.Err() == nil {
		line, err := in.next()
		in.number++
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			break
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", in.number, err)
		}

		err = s.enter(ctx, strings.Join(strings.Fields(line), " "))
		if errors.Is(err, errQuit) {
			return nil
		}
		if err != nil && !s.isPerson {
			return fmt.Errorf("line %d, `%s`: %w", in.number, printable(strings.TrimSpace(line)), err)
		}
	}

	for !s.isPerson && s.awaitStop(ctx) {
		if err := s.enter(ctx, "next"); err != nil {
			return err
		}
	}
	return s.lessonError()
}

// enter carries out a line that was typed or read. Its words stand one space apart.
func (s *labSession) enter(ctx context.Context, line string) error {
	switch {
	case strings.HasPrefix(line, "#"):
		return nil
	case line == "":
		line = s.meaningOfEnter()
	case line == "next" && !s.isPerson:
		s.awaitStop(ctx)
	}
	if line == "" {
		return nil
	}

	isTold := labTells(line)
	switch {
	case isTold && s.isPerson:
		s.noteTyped(line)
	case !isTold && !s.isPerson:
		s.catchUp(ctx)
		s.write(s.teller.tellLine(line, nil))
	}

	said, err := s.Do(ctx, line)
	if isTold || errors.Is(err, errQuit) {
		return err
	}

	s.catchUp(ctx)
	if err != nil && s.isPerson {
		said = s.say(err.Error())
	}
	s.write(wrapSaid(said))
	return err
}

// wrapSaid returns what a line has said, as it is printed: a paragraph is wrapped,
// and a table is left as it is.
func wrapSaid(said string) string {
	if said == "" {
		return ""
	}
	if !strings.Contains(said, "\n") {
		return wrapLines(printable(said), lineWidth, "")
	}
	var s strings.Builder
	for line := range strings.SplitSeq(said, "\n") {
		s.WriteString(printable(line) + "\n")
	}
	return s.String()
}

// labTells reports whether the lab tells of a line by itself, and what comes of it.
func labTells(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return slices.ContainsFunc(labWords(), func(w labWord) bool { return w.name == word && !w.quiet })
}

// LabEvents implements [view.Lab].
func (s *labSession) LabEvents(ctx context.Context, after int) ([]view.LabEvent, error) {
	return s.core.LabEvents(ctx, after)
}

// Do implements [view.Lab]. The page, too, may end the lab.
func (s *labSession) Do(ctx context.Context, line string) (string, error) {
	notBegun := func() {}
	switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word {
	case "play":
		notBegun = s.setPlaying()
	case "next":
		s.goOn()
	}

	said, err := s.core.Do(ctx, line)
	switch {
	case errors.Is(err, errQuit):
		s.quit(errQuit)
	case err != nil:
		notBegun()
	}
	return said, err
}

// follow tells what happens, until ctx is done or nobody can be told.
func (s *labSession) follow(ctx context.Context) error {
	for ctx.Err() == nil {
		events, err := s.core.LabEvents(ctx, s.countTold())
		if err != nil {
			return err
		}
		for _, e := range events {
			if !s.isTyped(e) {
				s.write(s.teller.tell(e))
			}
			if err := s.shared.failed(); err != nil {
				return err
			}
			s.noteTold(e)
		}
	}
	return nil
}

// Write implements [io.Writer], for the page's log.
func (s *labSession) Write(b []byte) (int, error) {
	s.write(string(b))
	return len(b), nil
}

// write prints whole lines, above the prompt, if there is one. Whether that went
// well s.shared knows.
func (s *labSession) write(text string) {
	s.outMu.Lock()
	defer s.outMu.Unlock()
	if s.afterBlank {
		text = strings.TrimPrefix(text, "\n") // one blank line is enough
	}
	if text != "" {
		s.afterBlank = strings.HasSuffix(text, "\n\n")
		_, _ = io.WriteString(s.out, text)
	}
}

func (s *labSession) setOut(w io.Writer) {
	s.outMu.Lock()
	defer s.outMu.Unlock()
	s.out = w
}

// A sharedOutput is stdout, for more than one goroutine.
type sharedOutput struct {
	mu  sync.Mutex // guards out
	out *output
}

func (w *sharedOutput) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(b)
}

// failed returns the first error of writing there.
func (w *sharedOutput) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.err
}

// change changes what s.mu guards, and wakes those who wait for that.
func (s *labSession) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.more)
	s.more = make(chan struct{})
}

// await waits until something that s.mu guards is so. It reports false when ctx is
// done before.
func (s *labSession) await(ctx context.Context, isSo func() bool) bool {
	for {
		s.mu.Lock()
		ok, more := isSo(), s.more
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-more:
		case <-ctx.Done():
			return false
		}
	}
}

func (s *labSession) countTold() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// noteTold notes that an event was told, and where a lesson stands after it.
func (s *labSession) noteTold(e view.LabEvent) {
	s.change(func() {
		s.told++
		if e.Kind == view.LabLine {
			s.lesson = *e.Lesson
			s.asks = e.Lesson.Over && e.Lesson.Failed == ""
			s.playing = !e.Lesson.Over
		}
	})
}

// catchUp waits until all is told that has happened.
func (s *labSession) catchUp(ctx context.Context) {
	happened := len(s.core.happened())
	s.await(ctx, func() bool { return s.told >= happened })
}

// noteTyped notes a line that its reader has typed, and need not see again.
func (s *labSession) noteTyped(line string) {
	s.change(func() { s.typed[line]++ })
}

// isTyped reports whether an event tells of such a line. Each is left out once.
func (s *labSession) isTyped(e view.LabEvent) bool {
	if e.Kind != view.LabDid || e.Line == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typed[e.Line] == 0 {
		return false
	}
	s.typed[e.Line]--
	if s.typed[e.Line] == 0 {
		delete(s.typed, e.Line)
	}
	return true
}

// setPlaying notes that a lesson begins, unless undo is called: then the one before
// is where it was.
func (s *labSession) setPlaying() (undo func()) {
	var playing bool
	var before view.LabLesson
	s.change(func() {
		playing, before = s.playing, s.lesson
		s.playing, s.lesson = true, view.LabLesson{}
	})
	return func() {
		s.change(func() { s.playing, s.lesson = playing, before })
	}
}

// goOn notes that the lesson was told to go on from where it stops.
func (s *labSession) goOn() {
	s.change(func() { s.lesson.Stops = false })
}

// meaningOfEnter returns the line that an empty one stands for: where a lesson
// stops, and once at its question.
func (s *labSession) meaningOfEnter() (line string) {
	s.change(func() {
		switch {
		case !s.isPerson:
		case s.playing && s.lesson.Stops:
			line = "next"
		case s.asks:
			line, s.asks = "answer", false
		}
	})
	return line
}

// awaitStop waits until a lesson stops. It reports false if it is over before, or
// there is none.
func (s *labSession) awaitStop(ctx context.Context) bool {
	stops := false
	s.await(ctx, func() bool {
		stops = s.playing && s.lesson.Stops
		return stops || !s.playing
	})
	return stops && ctx.Err() == nil
}

// lessonError returns why the last lesson did not end as it should, if it ended.
func (s *labSession) lessonError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lesson.Failed != "" {
		return errors.New(s.lesson.Failed)
	}
	return nil
}

// title names what happened, for the file of -save.
func (s *labSession) title() view.Words {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lesson.Title != (view.Words{}) {
		return s.lesson.Title
	}
	return view.Words{EN: "The lab", ZH: "实验"}
}
