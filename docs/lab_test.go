package docs

import (
	"strings"
	"testing"
)

// The lines for the lab that stand on the pages do what they should: a lab takes
// them from a file, and ends at the first that fails.
func TestDocsLab(t *testing.T) {
	watchSources(t)
	count := 0
	for _, path := range pagePaths(t) {
		p := readPage(t, path)
		for _, f := range p.fences {
			if f.keyword != "lab" {
				continue
			}
			count++
			lines := strings.Join(p.lines[f.start+1:f.end], "\n") + "\n"

			cmd := built.command(t.Context(), []string{"lab", "-plain"})
			cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(lines)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s:%d: %v\n%s", path, f.start+1, err, out)
			}
		}
	}
	if count == 0 {
		t.Error("no page has lines for the lab")
	}
}
