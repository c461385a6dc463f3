package main

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// explainStub tells that a hole is still empty.
func (t *tutor) explainStub(h hole, own function) error {
	return complain("%s is still empty: open %s.\nWhat to write there: %s show %s", h.ID, own.where(), learn, h.ID)
}

var (
	stubPattern    = regexp.MustCompile(`(\d+\.\d+) is yours to write`)
	panicPattern   = regexp.MustCompile(`(?m)^panic: (.*)$`)
	framePlace     = regexp.MustCompile(`(?m)^\s+\S*?(_mine/step\d+/[^\s:/]+\.go):(\d+)`)
	takenPattern   = regexp.MustCompile(`_test\.go:\d+:(?:\d+:)? (\w+) redeclared in this block`)
	compilePattern = regexp.MustCompile(`^(?:\./|\.\\|vet: )?([^\s:]+\.go):(\d+):(?:\d+:)? (.*)$`)
)

// explain tells why a hole hasn't passed. asked is the one that the student works on.
func (t *tutor) explain(s step, h, asked hole, o *outcome) error {
	if len(o.build) > 0 {
		return t.explainBuild(s, o)
	}
	if o.goSays != "" && len(o.ran) == 0 {
		return explainGo(o)
	}

	all := o.said()
	if m := stubPattern.FindStringSubmatch(all); m != nil {
		return t.explainNeeds(s, h, m[1])
	}

	title := text("✗ %s  %s: not yet.", h.ID, h.Title)
	if h.ID != asked.ID {
		title = text("✗ %s  %s passed before, and doesn't any more.", h.ID, h.Title)
	}
	return complain("%s\n%s\n\nA hint: %s hint %s", title, indent(t.reason(o, all)), learn, h.ID)
}

// explainGo tells that go couldn't even begin. Mostly it lacks the network, the first
// time that it needs the libraries.
func explainGo(o *outcome) error {
	return complain("Go can't build the check. It says\n%s\nIf it's about a download: is this machine on the net? Get the libraries with\n  go mod download",
		indent(joinLines(strings.Split(o.goSays, "\n"), 12)))
}

// reason returns what went wrong in a program that compiles.
func (t *tutor) reason(o *outcome, all string) string {
	place := ""
	if m := framePlace.FindStringSubmatch(strings.ReplaceAll(all, `\`, "/")); m != nil {
		place = text(" (%s, line %s)", m[1], m[2])
	}

	switch {
	case o.tooBig:
		return text("Your program prints and prints. I stopped it: does each loop end?")
	case strings.Contains(all, "learn: out of memory"):
		return text("Your program takes more and more memory. I stopped it: does each loop end, and does a list grow without need?")
	case strings.Contains(all, "panic: test timed out"):
		return text("Your program is still running after %s%s. Does each loop end?", t.timeout, place)
	case strings.Contains(all, "*** Test killed"):
		return text("Your program is still running, and hasn't come to the check%s. Does a loop in init, or in a variable's value, end?", place)
	case strings.Contains(all, "stack overflow"):
		return text("A function calls itself again and again%s. When does it stop?", place)
	case strings.Contains(all, "unexpected call to os.Exit"):
		return text("Your program calls os.Exit%s, which ends the check as well. Return instead.", place)
	case strings.Contains(all, "all goroutines are asleep"):
		return text("Your program waits for something that never comes%s.", place)
	}

	if m := panicPattern.FindStringSubmatch(all); m != nil && len(o.faults) == 0 {
		return text("Your program panics: %s%s", strings.TrimSuffix(m[1], " [recovered, repanicked]"), place)
	}
	if len(o.faults) == 0 {
		said := text("Your program ended before the check was through. Does it call os.Exit or log.Fatal? Return instead.")
		return joinLines(append([]string{said}, printed(o.output)...), 12)
	}
	return joinLines(slices.Concat(o.faults, printed(o.output)), 24)
}

// printed returns what the student's program printed, for the end of a message.
func printed(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			kept = append(kept, "  "+line)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return append([]string{text("Your program printed:")}, kept...)
}

// joinLines joins at most so many lines, none of them very long.
func joinLines(lines []string, most int) string {
	const longest = 400
	var joined strings.Builder
	for i, line := range lines {
		if i == most {
			joined.WriteString(text("… and %d lines more", len(lines)-most))
			break
		}
		if runes := []rune(line); len(runes) > longest {
			line = string(runes[:longest]) + "…"
		}
		joined.WriteString(line + "\n")
	}
	return strings.TrimSuffix(joined.String(), "\n")
}

func indent(lines string) string { return "  " + strings.ReplaceAll(lines, "\n", "\n  ") }

// explainNeeds tells that the check came upon a hole that's still empty.
func (t *tutor) explainNeeds(s step, h hole, id string) error {
	_, empty, err := findHole(t.steps, id)
	if err != nil {
		return err
	}
	own, err := t.findOwn(s, empty)
	if err != nil {
		return err
	}
	if id == h.ID {
		return t.explainStub(h, own)
	}
	return complain("%s needs %s, which is still empty: open %s.\nWhat to write there: %s show %s", h.ID, id, own.where(), learn, id)
}

// explainBuild tells why a program doesn't compile.
func (t *tutor) explainBuild(s step, o *outcome) error {
	var own, checks, other []string
	for _, line := range o.build {
		if m := takenPattern.FindStringSubmatch(filepath.ToSlash(line)); m != nil {
			return complain("Your program declares %s, and so does the check. Give yours another name: only what docs/step%d has may keep its name.", m[1], s.number)
		}
		m := compilePattern.FindStringSubmatch(strings.ReplaceAll(line, `\`, "/"))
		switch {
		case m == nil && strings.HasPrefix(line, "#"):
		case m == nil:
			other = append(other, line)
		case strings.HasSuffix(m[1], "_test.go"):
			checks = append(checks, m[3])
		default:
			own = append(own, text("%s, line %s: %s", path.Join(s.mineDir(), path.Base(m[1])), m[2], m[3]))
			if advice := t.advise(s, m[3]); advice != "" {
				own = append(own, "  "+advice)
			}
		}
	}

	if len(own) > 0 {
		return complain("It doesn't compile yet.\n%s", indent(joinLines(own, 12)))
	}
	if len(checks) > 0 {
		return complain("The check can't use your program: something that it needs has another name or type now.\n%s\nCompare with %s: only what's in a hole may change.",
			indent(joinLines(checks, 6)), s.dir())
	}
	return complain("It doesn't compile yet.\n%s", indent(joinLines(other, 12)))
}

// explanations say in other words what the compiler says.
var explanations = []struct{ pattern, advice, adviceZH string }{
	{`imported and not used`, "You import it and don't use it. Delete that line if you don't need it.", "导入了却没用上。用不着的话，删掉那一行。"},
	{`declared and not used: (\S+)`, "Nothing uses $1 yet. Use it, or delete it.", "$1 还没有用上。用它，或者删掉。"},
	{`missing return`, "A way through the function comes to its end without returning anything.", "函数里有一条路走到末尾，什么也没有返回。"},
	{`redeclared in this block`, "It's there twice. Keep one of them.", "它出现了两次。留一个就行。"},
	{`cannot use .* as .* value`, "What you give and what's asked for are of different types.", "你给的和要求的，类型不一样。"},
	{`not enough arguments in call`, "The call lacks an argument.", "这次调用少了一个参数。"},
	{`assignment mismatch`, "The left side and the right side have different numbers of values.", "左右两边的值，个数不一样。"},
	{`mismatched types`, "Go doesn't mix types by itself: convert one of them.", "Go 不会自动混用类型：把其中一个转换一下。"},
	{`no new variables on left side of :=`, "The variable is there already: assign to it with = instead of :=.", "变量已经有了：赋值用 =，不要用 :=。"},
	{`is not in std`, "There is no such package. Is it spelled right?", "没有这个包。拼写对吗？"},
}

// advise returns a word of help on a compiler's message, or "".
func (t *tutor) advise(s step, message string) string {
	if m := regexp.MustCompile(`^undefined: (\w+)$`).FindStringSubmatch(message); m != nil {
		if name := t.packageNamed(s, m[1]); name != "" {
			return text("If that's the package: add %q to the imports at the top of the file.", name)
		}
		return text("Nothing has that name here. Is it spelled right, capitals too?")
	}

	for _, e := range explanations {
		pattern := regexp.MustCompile(e.pattern)
		if m := pattern.FindStringSubmatchIndex(message); m != nil {
			advice := e.advice
			if chinese {
				advice = e.adviceZH
			}
			return string(pattern.ExpandString(nil, advice, message, m))
		}
	}
	return ""
}

// commonPackages are packages that a student may think of, and that the step itself
// doesn't use.
var commonPackages = []string{"bytes", "cmp", "encoding/json", "errors", "fmt", "maps", "math", "math/big", "math/bits", "os", "slices", "sort", "strconv", "strings", "time"}

// packageNamed returns the path of the package that a name in front of a dot may
// mean, or "".
func (t *tutor) packageNamed(s step, name string) string {
	if p, err := readProgram(t.root, s.dir(), "challenge"); err == nil {
		for _, f := range p.files {
			for _, spec := range f.ast.Imports {
				if importName(spec) == name {
					return importPath(spec)
				}
			}
		}
	}
	for _, common := range commonPackages {
		if path.Base(common) == name {
			return common
		}
	}
	return ""
}
