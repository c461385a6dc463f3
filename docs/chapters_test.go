package docs

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// chapterParts are the second-level headings that end a chapter, in this order.
var chapterParts = []string{"Recap", "In the node", "In Bitcoin", "Your turn", "Sources"}

// predictions is how many folded answers a chapter has, at least.
const predictions = 2

// chapterNumber returns the 5 of docs/05-….md, or 0 for another page.
func (p *page) chapterNumber() (n int) {
	if _, err := fmt.Sscanf(p.path, "docs/%02d-", &n); err != nil {
		return 0
	}
	return n
}

// checkChapter checks what all chapters share. What is to be built in one stands in
// the table that holes is the file of.
func (p *page) checkChapter(holes string) (faults []string) {
	if p.chapterNumber() == 0 {
		return nil
	}

	parts := p.headings(2)
	if last := parts[max(0, len(parts)-len(chapterParts)):]; !slices.Equal(last, chapterParts) {
		faults = append(faults, p.faultf(0, "last parts are %q, want %q", last, chapterParts))
	}
	if got := strings.Count(p.text(), "<details><summary>Predict: "); got < predictions {
		faults = append(faults, p.faultf(0, "%d folded answers <details><summary>Predict: …, want %d", got, predictions))
	}
	if !strings.Contains(p.text(), "](differences.md") {
		faults = append(faults, p.faultf(0, "no link to differences.md"))
	}
	if running := p.countRunning(); running > 0 {
		faults = append(faults, p.faultf(len(p.lines)-1, "commands still run at the end, in the way of the next chapter's: want %d more ^C", running))
	}
	return append(faults, p.checkHoles(holes)...)
}

// countRunning returns how many of the page's commands, or nodes, nobody stops.
func (p *page) countRunning() (n int) {
	steps, _ := p.steps()
	for _, step := range steps {
		if step.command == "^C" {
			n--
		} else if runsOn(step.command) {
			n++
		}
	}
	return n
}

// checkHoles checks that "Your turn" names all that there is to fill in.
func (p *page) checkHoles(file string) (faults []string) {
	line, text := p.part("Your turn")
	if !strings.Contains(text, "go run ./docs/learn") {
		faults = append(faults, p.faultf(line, `"Your turn" does not name go run ./docs/learn`))
	}
	ids, err := holeIDs(file)
	if err != nil {
		return append(faults, err.Error())
	}
	for _, id := range ids {
		if !regexp.MustCompile(`(^|[^\d.])` + regexp.QuoteMeta(id) + `($|\D)`).MatchString(text) {
			faults = append(faults, p.faultf(line, `"Your turn" does not name %s`, id))
		}
	}
	return faults
}

// part returns what stands under a second-level heading, and where.
func (p *page) part(heading string) (line int, text string) {
	start := slices.Index(p.lines, "## "+heading)
	if start < 0 {
		return 0, ""
	}
	rest := p.lines[start+1:]
	if end := slices.IndexFunc(rest, func(l string) bool { return strings.HasPrefix(l, "## ") }); end >= 0 {
		rest = rest[:end]
	}
	return start, strings.Join(rest, "\n")
}

// holeIDs returns the IDs of a table of holes: "2.1", "2.2" and so on.
func holeIDs(file string) (ids []string, err error) {
	f, err := parseGo(file)
	if err != nil {
		return nil, err
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, isName := pair.Key.(*ast.Ident)
		value, isText := pair.Value.(*ast.BasicLit)
		if isName && key.Name == "ID" && isText && value.Kind == token.STRING {
			if id, err := strconv.Unquote(value.Value); err == nil {
				ids = append(ids, id)
			}
		}
		return true
	})
	return ids, nil
}

// holesFile is where the holes of the page's chapter are listed.
func (p *page) holesFile() string {
	return path.Join("docs/learn", fmt.Sprintf("step%d.go", p.chapterNumber()))
}

// chapterPage is a chapter that has all parts, and docs/testdata/holes.go's holes.
const chapterPage = `# Chapter 2: x

<details><summary>Predict: what comes?</summary>
It comes.
</details>
<details><summary>Predict: what goes?</summary>
It goes.
</details>

## Anything

## Recap
## In the node
See [differences](differences.md#structure).
## In Bitcoin
## Your turn
Type ` + "`go run ./docs/learn`" + `.

- **2.1** work
- **2.2** more work, and challenge 2.10.
## Sources
`

func TestChapterFaults(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"a part", "## Recap", "## Summary", `last parts are ["Summary"`},
		{"order", "## In Bitcoin\n## Your turn", "## Your turn\n## In Bitcoin", "last parts are"},
		{"one more at the end", "## Sources\n", "## Sources\n## More\n", "last parts are"},
		{"no part at all", chapterPage, "# Chapter 2: x\n", "last parts are []"},
		{"a folded answer", "Predict: what goes", "What goes", "1 folded answers"},
		{"differences", "(differences.md#structure)", "(other.md)", "no link to differences.md"},
		{"a node that runs", "## Anything", "```console\n$ go run . start\n```\n## Anything", "commands still run at the end"},
		{"a node that is stopped", "## Anything", "```console\nT1$ go run . start\nT1^C\n```\n## Anything", ""},
		{"learn", "`go run ./docs/learn`", "nothing", "does not name go run ./docs/learn"},
		{"a hole", "**2.1** work", "work", `"Your turn" does not name 2.1`},
		{"a challenge", "2.10", "two", `"Your turn" does not name 2.10`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePage("docs/02-x.md", strings.Replace(chapterPage, tt.old, tt.new, 1))
			if err != nil {
				t.Fatal(err)
			}
			faults := strings.Join(p.checkChapter("docs/testdata/holes.go"), "\n")
			if tt.want == "" && faults != "" || !strings.Contains(faults, tt.want) {
				t.Errorf("got %q, want %q", faults, tt.want)
			}
		})
	}
}
