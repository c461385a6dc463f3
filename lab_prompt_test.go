package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCompleteLine(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2})
	tests := []struct {
		line, added, choices string
	}{
		{"mi", "ne ", ""},
		{"mine ", "", "A B alice bob at"},
		{"mine A", " ", ""},
		{"send al", "ice ", ""},
		{"cut A,", "", "A B"},
		{"cut A>", "", "A B"},
		{"cut A,B", " ", ""},
		{"h", "e", ""},
		{"he", "", "heal help"},
		{"play", " ", ""},
		{"play d", "ouble-spend ", ""},
		{"wait ba", "lance ", ""},
		{"expect h", "e", ""},
		{"nonsense", "", ""},
		{"mine X", "", ""},
		{"mine 汉", "", ""},
	}
	for _, tt := range tests {
		added, choices := completeLine(tt.line, l.completions)
		if got := strings.Join(choices, " "); added != tt.added || got != tt.choices {
			t.Errorf("%q: added %q, choices %q, want %q, %q", tt.line, added, got, tt.added, tt.choices)
		}
	}
}

// A screen keeps what a program writes to a terminal.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // holds a token: there is more
}

func newScreen() *screen { return &screen{more: make(chan struct{}, 1)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until a text is on the screen.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(time.Minute)
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.more:
		case <-limit:
			t.Fatalf("%q does not come, after %q", text, s.String())
		}
	}
}

// A typist presses keys at a prompt.
type typist struct {
	t           *testing.T
	keys        *io.PipeWriter
	screen      *screen
	prompt      *labPrompt
	interrupted chan struct{} // closed by Ctrl-C
	cancel      context.CancelFunc
}

func newTypist(t *testing.T, complete func(string) []string) *typist {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	y := &typist{t: t, keys: w, screen: newScreen(), interrupted: make(chan struct{}), cancel: cancel}
	in := newInput(ctx, r, sync.OnceFunc(func() { close(y.interrupted) }))
	y.prompt = newLabPrompt(in, y.screen, complete)
	t.Cleanup(func() {
		cancel()
		w.Close()
	})
	return y
}

func (y *typist) press(keys string) {
	y.t.Helper()
	if _, err := io.WriteString(y.keys, keys); err != nil {
		y.t.Fatal(err)
	}
}

func (y *typist) wantLine(want string, wantErr error) {
	y.t.Helper()
	line, err := y.prompt.readLine()
	if line != want || !errors.Is(err, wantErr) {
		y.t.Errorf("line %q, %v, want %q, %v", line, err, want, wantErr)
	}
}

func completeFew(line string) []string {
	if strings.Contains(line, " ") {
		return []string{"A", "B"}
	}
	return []string{"mine", "heal", "help"}
}

func TestPromptEdits(t *testing.T) {
	y := newTypist(t, completeFew)
	y.press("m\tA\rmine B\x7fC\r\x1b[A\x1b[A\r\r")
	y.wantLine("mine A", nil)
	y.wantLine("mine C", nil)
	y.wantLine("mine A", nil)
	y.wantLine("", nil)
}

// What happens is written above a line that is begun, and Tab lists what it could
// become.
func TestPromptIsWrittenAbove(t *testing.T) {
	y := newTypist(t, completeFew)
	y.press("he\t")
	read := make(chan struct{})
	go func() {
		defer close(read)
		y.wantLine("help", nil)
	}()
	y.screen.await(t, "heal  help\r\n> he")

	if _, err := io.WriteString(y.prompt, "A mined block 1\nB has it\n"); err != nil {
		t.Error(err)
	}
	y.screen.await(t, "A mined block 1\r\nB has it\r\n> he")
	y.press("lp\r")
	<-read
}

func TestPromptEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(*typist)
		want error
	}{
		{"Ctrl-C", func(y *typist) { y.press("mine\x03") }, io.EOF},
		{"Ctrl-D", func(y *typist) { y.press("\x04") }, io.EOF},
		{"the terminal is gone", func(y *typist) { y.keys.Close() }, io.EOF},
		{"the lab ends", func(y *typist) { y.cancel() }, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y := newTypist(t, completeFew)
			go tt.end(y)
			y.wantLine("", tt.want)
			if tt.name == "Ctrl-C" {
				<-y.interrupted
			}
		})
	}
}

// Ctrl-C is heard though nobody reads the keys before it.
func TestPromptHearsCtrlC(t *testing.T) {
	y := newTypist(t, completeFew)
	y.press("wait agree\rmine A\r")
	y.press("\x03")
	<-y.interrupted
}
