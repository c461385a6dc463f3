package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gosimpleblockchain/view"
)

// The program speaks English, and Chinese to those who want that. What it says is
// written in English where it is said, and put into Chinese only where it is
// printed: an error may come from far below, or from a node that speaks English.
// zh.go and zh_look.go have the Chinese of each text, by the format that it was made
// with.

// inLanguage returns words in the language of whoever reads them.
func inLanguage(w view.Words, chinese bool) string {
	if chinese {
		return w.ZH
	}
	return w.EN
}

// colon stands between two parts of a line.
var colon = view.Words{EN: ": ", ZH: "："}

// say returns a text of this program's in the language that the user reads.
func (o *options) say(text string) string {
	if o.chinese {
		return inChinese(text)
	}
	return text
}

// sayf is say for a text that has a format.
func (o *options) sayf(format string, args ...any) string { return o.say(fmt.Sprintf(format, args...)) }

// tell prints a text as a line, in the language that the user reads.
func (o *options) tell(format string, args ...any) { fmt.Fprintln(o.stdout, o.sayf(format, args...)) }

// paragraph returns sentences as one text, and breaks it into lines that fit.
func (o *options) paragraph(sentences ...string) string {
	space := " "
	if o.chinese {
		space = ""
	}
	sentences = slices.DeleteFunc(sentences, func(s string) bool { return s == "" })
	return wrap(strings.Join(sentences, space), 0, "")
}

// inBoth returns a text of this program's in both languages.
func inBoth(format string, args ...any) view.Words {
	en := fmt.Sprintf(format, args...)
	return view.Words{EN: en, ZH: inChinese(en)}
}

// inEach returns what a function makes of texts, which it gives to say, in both
// languages.
func inEach(write func(say func(string) string) string) view.Words {
	return view.Words{EN: write(func(text string) string { return text }), ZH: write(inChinese)}
}

// language is what the flag -lang takes for the language that the user reads.
func (o *options) language() string {
	if o.chinese {
		return "zh"
	}
	return "en"
}

// readsChinese reports whether the user's system is set to Chinese.
func readsChinese() bool {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
	return strings.HasPrefix(locale, "zh")
}

// A phrase is a format of the program's, as package fmt has them, and the same in
// Chinese.
type phrase struct {
	printed *regexp.Regexp // what the English one prints: a group for each verb
	letters int            // that stand in it, besides verbs; each command counts the same
	literal string         // the longest part that is no verb
	zh      string         // a format for what the groups have matched: its verbs are %s
}

// verbPattern matches the verbs of a format: %s, %.8s, %[2]d.
var verbPattern = regexp.MustCompile(`%(\[\d\])?[-+#0]*[\d.]*([a-zA-Z])`)

// quoted matches what %q prints. It is one word, whatever a peer has written there.
const quoted = `"(?:[^"\\]|\\.)*"`

// verbs matches what the verbs of our formats print, and otherVerb what others do.
var verbs = map[string]string{
	"d": `(-?\d+)`,
	"q": `(` + quoted + `)`,
}

const otherVerb = `((?:` + quoted + `|[^"])*?)`

func newPhrase(en, zh string) phrase {
	p := phrase{zh: verbPattern.ReplaceAllString(zh, "%${1}s")}

	pattern, next := "^", 0
	add := func(literal string) {
		literal = strings.ReplaceAll(literal, "%%", "%")
		pattern += regexp.QuoteMeta(literal)
		if len(literal) > len(p.literal) {
			p.literal = literal
		}
	}

	for _, at := range verbPattern.FindAllStringSubmatchIndex(en, -1) {
		add(en[next:at[0]])
		pattern += cmp.Or(verbs[en[at[4]:at[5]]], otherVerb)
		next = at[1]
	}
	add(en[next:])

	p.printed = regexp.MustCompile(pattern + "$")
	p.letters = len(verbPattern.ReplaceAllString(commandPattern.ReplaceAllString(en, "a command"), ""))
	return p
}

// commandPattern matches what is the same in both languages.
var commandPattern = regexp.MustCompile("`[^`]*`")

// phrases has all phrases, those with most letters first.
var phrases = sync.OnceValue(func() []phrase {
	var all []phrase
	for _, table := range []map[string]string{chinese, chineseLooks, chineseOfGo} {
		for en, zh := range table {
			all = append(all, newPhrase(en, zh))
		}
	}
	slices.SortFunc(all, func(a, b phrase) int {
		return cmp.Or(b.letters-a.letters, strings.Compare(a.printed.String(), b.printed.String()))
	})
	return all
})

// What a text of ours has at most. One that has more is somebody else's, and may be
// meant to keep us busy: there are many ways to read it.
const (
	mostTextBytes = 2000
	mostJoints    = 20
)

// inChinese returns a text of this program's in Chinese. What isn't in the table,
// such as a hash, stays as it is.
func inChinese(text string) string {
	if zh, ok := chineseLabels[text]; ok {
		return zh
	}
	if len(text) > mostTextBytes || len(joints(text)) > mostJoints {
		return text
	}

	t := translator{known: make(map[string]translation)}
	for _, p := range phrases() {
		if strings.Contains(text, p.literal) {
			t.phrases = append(t.phrases, p)
		}
	}
	return t.translate(text).zh
}

// A translator puts one text into Chinese, and the parts of it.
type translator struct {
	phrases []phrase               // that may be in it
	known   map[string]translation // of parts, which come again
}

type translation struct {
	zh      string
	letters int // of the English text, that phrases have
}

// translate puts a text into Chinese. It may be a phrase, of which some verbs have
// printed phrases, too, or two texts: an error is often what failed, and why. Of
// all ways to read it the best is that which leaves the fewest letters.
func (t translator) translate(text string) translation {
	if known, ok := t.known[text]; ok {
		return known
	}

	best := translation{text, 0}
	try := func(other translation) {
		if other.letters > best.letters {
			best = other
		}
	}

	for _, p := range t.phrases {
		if found := p.printed.FindStringSubmatch(text); found != nil {
			try(t.print(p, found[1:]))
		}
	}

	for _, i := range joints(text) {
		mark := "："
		if text[i] == ';' {
			mark = "；"
		}
		before, after := t.translate(text[:i]), t.translate(text[i+2:])
		try(translation{before.zh + mark + after.zh, before.letters + after.letters + 2})
	}

	if best.letters == 0 && listPattern.MatchString(text) {
		best.zh = listMarks.Replace(text)
	}
	t.known[text] = best
	return best
}

// joints returns where a text may be two that were joined: at each ": " and "; ",
// but in a command, or in quotes, in which a peer may have written whatever it likes.
func joints(text string) (found []int) {
	for _, at := range jointPattern.FindAllStringIndex(text, -1) {
		if text[at[1]-1] == ' ' {
			found = append(found, at[0])
		}
	}
	return found
}

var jointPattern = regexp.MustCompile("(?s)[:;] |`[^`]*`|" + quoted + `|".*`)

// print prints a phrase in Chinese, with what the English has printed for its verbs.
func (t translator) print(p phrase, printed []string) translation {
	var args []any
	letters := p.letters
	for _, text := range printed {
		arg := t.translate(text)
		args = append(args, arg.zh)
		letters += arg.letters
	}
	return translation{fmt.Sprintf(p.zh, args...), letters}
}

// listPattern matches what joinWords makes of names: "A, B and C".
var (
	listPattern = regexp.MustCompile(`^[^\s,]+(, [^\s,]+)*( (and|or) [^\s,]+)+$`)
	listMarks   = strings.NewReplacer(", ", "、", " and ", " 和 ", " or ", " 或 ")
)
