package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"unicode"
)

// Learn speaks English, and Chinese to those who want that. What it says is written
// in English where it is said, as a format, by which zh.go has the Chinese. Tasks and
// hints have theirs beside them.

// chinese reports whether the student reads Chinese. It's chosen once, before anything
// is said; errors come from functions that know no tutor, so it belongs to none.
var chinese bool

// text is fmt.Sprintf in the student's language.
func text(format string, args ...any) string {
	if zh, ok := sentences[format]; ok && chinese {
		return fmt.Sprintf(zh, args...)
	}
	return fmt.Sprintf(format, args...)
}

// chooseLanguage takes -lang out of the arguments, wherever it stands. Without it the
// language is that of the student's system.
func chooseLanguage(args []string) (rest []string, err error) {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
	chinese = strings.HasPrefix(locale, "zh")

	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, value, hasValue := strings.Cut(arg, "=")
		if name != "-lang" && name != "--lang" {
			rest = append(rest, arg)
			continue
		}
		if !hasValue && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		if value != "en" && value != "zh" {
			return nil, complain("-lang takes en, for English, or zh, for Chinese.")
		}
		chinese = value == "zh"
	}
	return rest, nil
}

// language is what a node's flag -lang takes for the student's language.
func language() string {
	if chinese {
		return "zh"
	}
	return "en"
}

// lineWidth is how long a line of a task or a hint may be, in columns.
const lineWidth = 78

// wrap breaks a text into lines at its spaces, and between Chinese characters.
func wrap(text string) string {
	var lines []string
	line := ""
	for _, part := range unbreakable(strings.Join(strings.Fields(text), " ")) {
		if line != "" && textWidth(strings.TrimRight(line+part, " ")) > lineWidth {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += part
	}
	return strings.Join(append(lines, line), "\n")
}

// unbreakable returns the parts of a text that each stand on one line: words, with the
// space after them, and Chinese characters, with the punctuation beside them.
func unbreakable(text string) (parts []string) {
	begin, before := 0, ' '
	for i, r := range text {
		isChinese := isWide(r) || isWide(before)
		if i > 0 && (before == ' ' || isChinese && r != ' ' && !strings.ContainsRune("，。；：？！、）”》…", r) && !strings.ContainsRune("（“《", before)) {
			parts = append(parts, text[begin:i])
			begin = i
		}
		before = r
	}
	return append(parts, text[begin:])
}

// textWidth returns how many columns a text takes: two for each wide character.
func textWidth(text string) (columns int) {
	for _, r := range text {
		columns++
		if isWide(r) {
			columns++
		}
	}
	return columns
}

// isWide reports whether a character is Chinese, or punctuation as wide as one.
func isWide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r < 0x3100 || r >= 0xFF00 && r < 0xFF61
}

// padTo adds spaces to a text, so that it fills so many columns.
func padTo(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-textWidth(text)))
}
