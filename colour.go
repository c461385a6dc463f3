package main

import (
	"io"
	"os"
	"runtime"
	"strings"
)

// Colours of a terminal, for those who see them: the demonstration, the lab and the
// attacks.

// colours is whether whoever reads a text sees colours.
type colours bool

// coloursFor returns whether whoever reads what is written to w does.
func coloursFor(w io.Writer) colours {
	return colours(isTerminal(w) && wantsColour(runtime.GOOS, os.Getenv))
}

// paint gives a text a colour, by a code of ANSI's: "1;32" is bold and green. The
// end of a line stays outside.
func (c colours) paint(ansi, text string) string {
	if !c || ansi == "" || text == "" {
		return text
	}
	text, end := strings.CutSuffix(text, "\n")
	text = "\x1b[" + ansi + "m" + text + "\x1b[0m"
	if end {
		text += "\n"
	}
	return text
}

// isTerminal reports whether a person sees what is written to w.
func isTerminal(w io.Writer) bool {
	f, _ := w.(*os.File)
	info, err := f.Stat() // of no file: an error
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// wantsColour reports whether a terminal shows colours. Of Windows' consoles
// only the new one surely does, which names itself so.
func wantsColour(system string, getenv func(string) string) bool {
	switch {
	case getenv("NO_COLOR") != "", getenv("TERM") == "dumb":
		return false
	case system == "windows":
		return getenv("WT_SESSION") != ""
	}
	return true
}
