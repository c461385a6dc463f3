package docs

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	pythonFilePattern = regexp.MustCompile("`([a-z_]+\\.py)")
	linkTextPattern   = regexp.MustCompile(`\[([^\]]+)\]\(#`)
)

// The index of docs/differences.md lists each file of the Python program that the
// page names, with every part that names it, and files of ours that exist.
func TestDifferencesIndex(t *testing.T) {
	p := readPage(t, "docs/differences.md")
	want := make(map[string][]string) // file → headings
	got := make(map[string][]string)

	var heading string
	for _, line := range p.prose() {
		if m := headingPattern.FindStringSubmatch(line); m != nil {
			heading = m[1]
		}
		if cells := strings.Split(line, " | "); heading == "Index by file" && len(cells) == 3 && strings.Contains(line, ".py") {
			file := strings.TrimPrefix(cells[0], "| ")
			for _, m := range linkTextPattern.FindAllStringSubmatch(cells[2], -1) {
				got[file] = append(got[file], m[1])
			}
			for ours := range strings.SplitSeq(cells[1], ", ") {
				if _, err := fs.Stat(repository, ours); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}

		for _, m := range pythonFilePattern.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(want[m[1]], heading) {
				want[m[1]] = append(want[m[1]], heading)
			}
		}
	}

	for file := range want {
		if !slices.Equal(got[file], want[file]) {
			t.Errorf("the index has %s in %q, the page in %q", file, got[file], want[file])
		}
	}
	for file := range got {
		if want[file] == nil {
			t.Errorf("the index has %s, and nothing else on the page has", file)
		}
	}
}
