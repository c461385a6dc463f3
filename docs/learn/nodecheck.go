package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// The challenges of chapters 7 and 8 extend the node itself. Their checks are
// docs/learn/testdata/node/7.1_test.go and so on, with a first line that says in
// which directory of the module they belong: "// dir: kademlia".

// nodeChecks is where they are.
const nodeChecks = "docs/learn/testdata/node"

// checkNode checks a challenge that extends the node.
func (t *tutor) checkNode(ctx context.Context, h hole, p *progress) error {
	name := path.Join(nodeChecks, h.ID+"_test.go")
	dir, err := t.dirOf(name)
	if err != nil {
		return err
	}
	tests := make(map[string][]string)
	if err := t.findTests(name, []hole{h}, tests); err != nil {
		return err
	}

	o, err := t.goTest(ctx, nodeRun(dir, name, h))
	if err != nil {
		return err
	}
	if !o.allPassed(tests[h.ID]) {
		return t.explainNode(h, o)
	}
	if err := t.checkRest(ctx); err != nil {
		return err
	}

	p.Passed[h.ID] = "passed"
	if err := t.save(*p); err != nil {
		return err
	}
	t.sayPassed(h)
	return nil
}

// nodeRun returns the run that checks a challenge in a directory of the module.
func nodeRun(dir, check string, h hole) testRun {
	overlay := map[string]string{path.Join(dir, "learn_check_test.go"): check}
	return testRun{dir: dir, overlay: overlay, tests: []string{h.testName()}}
}

// dirOf returns the directory that a file of testdata belongs in, which its first
// line names.
func (t *tutor) dirOf(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", complain("%s isn't there. Get it back with\n  git checkout %s", name, path.Dir(name))
	}
	if err != nil {
		return "", complain("I can't read %s: %v", name, err)
	}

	line, _, _ := strings.Cut(string(text), "\n")
	dir, ok := strings.CutPrefix(strings.TrimSpace(line), "// dir: ")
	if !ok {
		return "", complain("%s doesn't say where it belongs: its first line should be // dir: DIRECTORY.", name)
	}
	return path.Clean(dir), nil
}

// explainNode tells why a challenge of the node hasn't passed.
func (t *tutor) explainNode(h hole, o *outcome) error {
	if o.goSays != "" && len(o.ran) == 0 && len(o.build) == 0 {
		return explainGo(o)
	}
	if len(o.build) == 0 {
		return complain("✗ %s  %s: not yet.\n%s\n\nA hint: %s hint %s", h.ID, h.Title, indent(t.reason(o, o.said())), learn, h.ID)
	}

	var lines []string
	begun := true
	for _, line := range o.build {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if isCheck(line) && strings.Contains(line, "undefined") {
			begun = false
		}
		lines = append(lines, line)
	}
	said := text("It doesn't compile yet.")
	if !begun {
		said = text("The check needs something that isn't there yet, or has another name. Compare with %s show %s.", learn, h.ID)
	}
	return complain("%s\n%s", said, indent(joinLines(lines, 12)))
}

// isCheck reports whether a line of the compiler's is about a check. It names the file
// that is read, not the one that it stands for.
func isCheck(line string) bool {
	return strings.Contains(filepath.ToSlash(line), nodeChecks+"/")
}

// checkRest checks that the rest of the module, its tests too, still compiles.
func (t *tutor) checkRest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "vet", "-buildtag", "./...") // the one analysis is quick; it needs all types
	cmd.Dir = t.root
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return complain("The check itself passes, but something else in the project doesn't compile any more:\n%s", indent(joinLines(lines, 12)))
	}
	return nil
}

// nodeSolution prints one way to write a challenge of the node.
func (t *tutor) nodeSolution(s step, h hole) error {
	pattern := filepath.Join(t.root, filepath.FromSlash("docs/learn/testdata/right/node"), h.ID+"-*")
	names, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return complain("There's no solution of %s here. See %s.", h.ID, s.page)
	}

	files, err := solutionFiles(names[0])
	if err != nil {
		return err
	}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			return complain("I can't read %s: %v", file, err)
		}
		t.say("%s", strings.TrimSuffix(string(code), "\n"))
	}
	t.say("\nYours may look quite different, and be as good.")
	return nil
}

// solutionFiles returns the Go files that a solution consists of: one, or those of a
// directory.
func solutionFiles(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	return filepath.Glob(filepath.Join(name, "*.go"))
}
