package docs

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A change is what becomes of a declaration from one step to the next.
type change struct {
	before, after *declaration // nil: there is none
	isCopy        bool         // what was before stays, too
}

// changes returns what becomes of the declarations with these names, from a
// program to the next one, where they stand in file.
func changes(before, after listing, file string, names []string) (all []change, err error) {
	for i := 0; i < len(names); {
		c := change{before: before.find(file, names[i]), after: after.find(file, names[i])}
		switch {
		case c.before == nil && c.after == nil:
			return nil, fmt.Errorf("no declaration of %s, nor in the step before", names[i])
		case c.before == nil && names[i] == "import": // of a new file, which has taken over another's work
			c.before, c.isCopy = before.find(before.origin(after, file), "import"), true
		case c.before == nil: // new, perhaps in a group that is not
			c.before = before.find(file, c.after.names...)
		case c.after == nil: // dropped, perhaps from a group that is not
			c.after = after.find(file, c.before.names...)
		}
		if c.after != nil && c.after.file != file {
			return nil, fmt.Errorf("%s is in %s", names[i], c.after.file)
		}
		all = append(all, c)

		// Those that follow may be of the same group.
		for i++; i < len(names) && (c.before != nil && c.before.is(names[i]) || c.after != nil && c.after.is(names[i])); i++ {
		}
	}
	return all, nil
}

// showDiff returns how declarations of a step differ from those of the step
// before.
func showDiff(args []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("want <!-- diff: FILE NAME… -->")
	}
	dir, file := path.Split(args[0])
	dir = path.Clean(dir)
	if stepNumber(dir) < 2 {
		return "", fmt.Errorf("%s: there is no step before", args[0])
	}
	if _, err := parseGo(args[0]); err != nil {
		return "", err
	}
	after, err := readStep(dir)
	if err != nil {
		return "", err
	}
	before, err := readStepBefore(dir)
	if err != nil {
		return "", err
	}

	all, err := changes(before, after, file, args[1:])
	if err != nil {
		return "", fmt.Errorf("%s: %w", args[0], err)
	}
	var parts []string
	for _, c := range all {
		if c.before != nil && c.after != nil && c.before.text == c.after.text && c.before.file == c.after.file {
			return "", fmt.Errorf("%s: %s is the same in the step before", args[0], c.after.names[0])
		}
		parts = append(parts, c.diff())
	}
	return strings.Join(parts, "\n\n"), nil
}

// diff returns the lines of both declarations, each with "+", "-" or " " in
// front. Empty lines that stay have nothing in front.
func (c change) diff() string {
	var before, after []string
	if c.before != nil {
		before = strings.Split(c.before.text, "\n")
	}
	if c.after != nil {
		after = strings.Split(c.after.text, "\n")
	}

	lines := diffLines(before, after)
	if len(lines) > longDeclaration {
		lines = leaveOut(lines)
	}
	return strings.Join(lines, "\n")
}

// diffLines marks the lines of two texts, by their longest common subsequence.
func diffLines(before, after []string) (lines []string) {
	// common[i][j] is how many lines before[i:] and after[j:] have in common.
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}

	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			lines = append(lines, strings.TrimSuffix(" "+before[i], " "))
			i, j = i+1, j+1
		case j == len(after) || i < len(before) && common[i+1][j] >= common[i][j+1]:
			lines = append(lines, "-"+before[i])
			i++
		default:
			lines = append(lines, "+"+after[j])
			j++
		}
	}
	return lines
}

const (
	longDeclaration = 25   // lines; what is longer is shown in part
	contextLines    = 3    // on both sides of a change
	leftOut         = " …" // a line for all that are left out
)

// topLevelPattern is a line that begins a declaration.
var topLevelPattern = regexp.MustCompile(`^ (func|type|const|var|import|package)\b`)

// leaveOut leaves out what is far from any change, but for the first line and
// the last.
func leaveOut(lines []string) (kept []string) {
	keep := make([]bool, len(lines))
	keep[len(lines)-1] = true
	for i, line := range lines {
		if topLevelPattern.MatchString(line) {
			keep[i] = true
		}
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			for j := max(0, i-contextLines); j < min(len(lines), i+contextLines+1); j++ {
				keep[j] = true
			}
		}
	}

	for i := 0; i < len(lines); {
		if keep[i] {
			kept, i = append(kept, lines[i]), i+1
			continue
		}
		n := max(0, slices.Index(keep[i:], true))
		if n == 1 { // a line for a line saves nothing
			kept = append(kept, lines[i])
		} else {
			kept = append(kept, leftOut)
		}
		i += n
	}
	return kept
}

func TestDiffLines(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"same", "a b", "a b", " a, b"},
		{"new", "", "a b", "+a,+b"},
		{"dropped", "a b", "", "-a,-b"},
		{"in the middle", "a b c", "a x c", " a,-b,+x, c"},
		{"at the ends", "a b c", "x b y", "-a,+x, b,-c,+y"},
		{"one more of the same", "a a", "a a a", " a, a,+a"},
		{"moved", "a b", "b a", "-a, b,+a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(diffLines(strings.Fields(tt.before), strings.Fields(tt.after)), ",")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLeaveOut(t *testing.T) {
	tests := []struct{ name, lines, want string }{
		{"near the change", " func, 1, 2, 3,-4, 5, 6, 7, }", " func, 1, 2, 3,-4, 5, 6, 7, }"},
		{"far before", " // c, // d, func, 1, 2, 3, 4, 5,-6, }", " …, func, …, 3, 4, 5,-6, }"},
		{"far behind", " func,+1, 2, 3, 4, 5, 6, }", " func,+1, 2, 3, 4, …, }"},
		{"between", " func,+1, 2, 3, 4, 5, 6, 7, 8, 9,-10, }", " func,+1, 2, 3, 4, …, 7, 8, 9,-10, }"},
		{"one line", " func, 1, 2, 3, 4,+5, }", " func, 1, 2, 3, 4,+5, }"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := strings.Split(tt.lines, ",")
			shown := leaveOut(lines)
			if got := strings.Join(shown, ","); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}

			var before, after []string
			for _, line := range lines {
				if line[0] != '+' {
					before = append(before, line[1:])
				}
				if line[0] != '-' {
					after = append(after, line[1:])
				}
			}
			if got, err := patch(before, shown); err != nil || !slices.Equal(got, after) {
				t.Errorf("patch: got %q, %v, want %q", got, err, after)
			}
		})
	}
}
