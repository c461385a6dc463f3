package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// The prompt of the lab: one types lines, while what happens is written above
// them. The terminal is in raw mode then, where each key comes to the program by
// itself, and Ctrl-C is a key like any other.

const ctrlC = 3 // the byte that a terminal in raw mode sends for it

// A labPrompt is a line that is edited at a terminal, with history and completion.
// What is written to it comes to stand above that line. Its methods are called
// from one goroutine, save Write.
type labPrompt struct {
	terminal *term.Terminal
	out      *os.File // the terminal, whose size counts; nil: it has none
	complete func(line string) []string
}

// newLabPrompt returns a prompt on a terminal, which must be in raw mode. Complete
// returns what may stand at the end of a line that was begun: the last words.
func newLabPrompt(in io.Reader, out io.Writer, complete func(line string) []string) *labPrompt {
	p := &labPrompt{
		terminal: term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{in, out}, "> "),
		complete: complete,
	}
	p.terminal.AutoCompleteCallback = p.completeKey
	return p
}

// Write writes whole lines above the prompt. They may come from any goroutine.
func (p *labPrompt) Write(b []byte) (int, error) { return p.terminal.Write(b) }

// readLine returns the next line, or io.EOF for Ctrl-C and Ctrl-D.
func (p *labPrompt) readLine() (string, error) {
	if p.out != nil {
		width, height, err := term.GetSize(int(p.out.Fd()))
		if err == nil && width > 0 && height > 0 {
			_ = p.terminal.SetSize(width, height) // if that cannot be written, nothing can
		}
	}

	line, err := p.terminal.ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	return line, err
}

// completeKey completes the word before the cursor when Tab is pressed. If there
// is more than one that it could become, they are listed.
func (p *labPrompt) completeKey(line string, pos int, key rune) (newLine string, newPos int, ok bool) {
	if key != '\t' {
		return "", 0, false
	}
	added, choices := completeLine(line[:pos], p.complete)
	if len(choices) > 0 {
		_, _ = p.Write([]byte(wrapLines(strings.Join(choices, "  "), lineWidth, ""))) // whoever writes next meets the error, too
	}
	return line[:pos] + added + line[pos:], pos + len(added), true
}

// completeLine returns what is to be added to a line that was begun, or the words
// that it could go on with, if one cannot tell. Of "A,B" and "A>B" the last letter
// is completed.
func completeLine(line string, complete func(line string) []string) (added string, choices []string) {
	wordAt := strings.LastIndex(line, " ") + 1
	partAt := wordAt
	if wordAt > 0 {
		partAt = max(wordAt, strings.LastIndexAny(line, ",>")+1)
	}
	begun := line[partAt:]

	// The words before may tell what can follow.
	for _, word := range complete(line[:wordAt] + begun) {
		if strings.HasPrefix(word, begun) && !slices.Contains(choices, word) {
			choices = append(choices, word)
		}
	}
	if len(choices) == 0 {
		return "", nil
	}

	common := choices[0]
	for _, word := range choices {
		for !strings.HasPrefix(word, common) {
			common = common[:len(common)-1]
		}
	}
	added = strings.ToValidUTF8(common[len(begun):], "")
	switch {
	case len(choices) == 1:
		return added + " ", nil
	case added != "":
		return added, nil
	}
	return "", choices
}

// An input is what is typed, or a script. A system's call that reads from a
// terminal cannot be ended from outside, so it has a goroutine of its own, for
// which nobody waits: it ends at the next key, or with the program.
type input struct {
	ctx    context.Context // of all reading
	chunks chan []byte     // closed at the end
	rest   []byte
}

const (
	typedAhead = 100 // chunks, while a line is carried out
	chunkSize  = 4 << 10
)

// newInput begins to read, until ctx is done. If there are keys to be told, it
// calls interrupt for Ctrl-C, even if nobody reads on.
func newInput(ctx context.Context, r io.Reader, interrupt func()) *input {
	in := &input{ctx: ctx, chunks: make(chan []byte, typedAhead)}
	go func() {
		defer close(in.chunks)
		for {
			chunk := make([]byte, chunkSize)
			n, err := r.Read(chunk)
			if interrupt != nil && bytes.IndexByte(chunk[:n], ctrlC) >= 0 {
				interrupt()
			}
			select {
			case in.chunks <- chunk[:n]:
			case <-ctx.Done():
				return
			}
			if err != nil { // the end, or the terminal is gone: there is no more
				return
			}
		}
	}()
	return in
}

// Read implements [io.Reader]. It ends when the context does.
func (in *input) Read(b []byte) (int, error) {
	for len(in.rest) == 0 {
		select {
		case chunk, ok := <-in.chunks:
			if !ok {
				return 0, io.EOF
			}
			in.rest = chunk
		case <-in.ctx.Done():
			return 0, in.ctx.Err()
		}
	}
	n := copy(b, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// makeRaw puts a terminal into raw mode, and returns what puts it back.
func makeRaw(terminal *os.File) (restore func() error, err error) {
	fd := int(terminal.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return func() error { return term.Restore(fd, state) }, nil
}

// terminalOf returns the terminal that r or w is, or nil. Other devices, as
// /dev/null, are none.
func terminalOf(stream any) *os.File {
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}
