package docs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// showRun returns what a program of the course prints, or some paragraphs of it.
func showRun(args []string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("want <!-- run: DIRECTORY [FIRST[-LAST]] [-- ARGUMENT…] -->")
	}
	dir, choice := args[0], args[1:]
	var words []string
	if i := slices.Index(args, "--"); i > 0 {
		choice, words = args[1:i], args[i+1:]
	}

	printed, err := runOf(dir, words)
	if err != nil || len(choice) == 0 {
		return printed, err
	}
	if len(choice) > 1 {
		return "", fmt.Errorf("%q: want one number, or two as in 3-5", choice)
	}
	return paragraphs(printed, choice[0])
}

// runs are what programs have printed, each only once in a run of the tests.
var runs sync.Map

// runOf returns what a program prints in an empty directory, to the terminal.
func runOf(dir string, words []string) (string, error) {
	once, _ := runs.LoadOrStore(strings.Join(append([]string{dir}, words...), " "), sync.OnceValues(func() (string, error) {
		p, err := courseProgram(dir)
		if err != nil {
			return "", err
		}
		empty, err := tempDir()
		if err != nil {
			return "", err
		}
		ctx, cancel := context.WithTimeout(context.Background(), stepLimit)
		defer cancel()
		got, err := p.run(ctx, empty, words)
		return got.stdout + got.stderr + got.exitStatus(), err
	}))
	return once.(func() (string, error))()
}

// showShell returns what the sh fence above another one prints. Where there's no
// shell, or one that lacks a command, that is what stands there.
func (p *page) showShell(f fence) (string, error) {
	var script string
	for _, above := range p.fences {
		if above.language == "sh" && above.end < f.start {
			script = strings.Join(p.lines[above.start+1:above.end], "\n")
		}
	}
	if script == "" {
		return "", errors.New("no sh fence above")
	}

	dir, err := tempDir()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("sh", "-c", "set -e\n"+script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	const notFound = 127
	if errors.Is(err, exec.ErrNotFound) || cmd.ProcessState.ExitCode() == notFound {
		return strings.Join(p.lines[f.start+1:f.end], "\n"), nil
	}
	if err != nil {
		return "", fmt.Errorf("sh: %w\n%s", err, out)
	}
	return string(out), nil
}

// exitStatus is the line that go run adds when a program fails.
func (r result) exitStatus() string {
	if r.code == 0 {
		return ""
	}
	return fmt.Sprintf("exit status %d\n", r.code)
}

// paragraphs returns the paragraphs of a text that "3", or "3-5", means.
func paragraphs(text, choice string) (string, error) {
	var first, last int
	if _, err := fmt.Sscanf(choice, "%d-%d", &first, &last); err != nil {
		if _, err := fmt.Sscanf(choice+" ", "%d ", &first); err != nil {
			return "", fmt.Errorf("%q: want a number, or two as in 3-5", choice)
		}
		last = first
	}

	all := strings.Split(strings.Trim(text, "\n"), "\n\n")
	if first < 1 || last < first || last > len(all) {
		return "", fmt.Errorf("%s: there are %d paragraphs", choice, len(all))
	}
	return strings.Join(all[first-1:last], "\n\n"), nil
}

// programs are those of the course that were built in this run of the tests.
var programs sync.Map

// courseProgram builds the program of a directory such as docs/step2, once.
func courseProgram(dir string) (*program, error) {
	dir = path.Clean(dir)
	once, _ := programs.LoadOrStore(dir, sync.OnceValues(func() (*program, error) {
		if files, err := fs.Glob(repository, path.Join(dir, "*.go")); err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s: no program", dir)
		}
		return buildProgram(root, dir)
	}))
	return once.(func() (*program, error))()
}

// buildProgram builds the package in a directory of a module.
func buildProgram(module, dir string) (*program, error) {
	to, err := tempDir()
	if err != nil {
		return nil, err
	}
	p := &program{path: filepath.Join(to, path.Base(dir)+".exe")}
	cmd := exec.Command("go", "build", "-o", p.path, "./"+dir)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./%s: %w\n%s", dir, err, out)
	}
	return p, nil
}

func TestParagraphs(t *testing.T) {
	const text = "a\nb\n\nc\n\nd\n"
	tests := []struct{ choice, want, err string }{
		{"1", "a\nb", ""},
		{"2", "c", ""},
		{"2-3", "c\n\nd", ""},
		{"1-3", "a\nb\n\nc\n\nd", ""},
		{"0", "", "there are 3"},
		{"4", "", "there are 3"},
		{"3-4", "", "there are 3"},
		{"3-2", "", "there are 3"},
		{"x", "", "want a number"},
		{"2x", "", "want a number"},
		{"2-", "", "want a number"},
	}
	for _, tt := range tests {
		t.Run(tt.choice, func(t *testing.T) {
			got, err := paragraphs(text, tt.choice)
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %q, %v, want %q, %s", got, err, tt.want, tt.err)
			}
		})
	}
}
