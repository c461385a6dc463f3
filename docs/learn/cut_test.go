package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"one of two imports goes",
			"package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n// f says so.\nfunc f() error {\n\tfmt.Println(1)\n\treturn nil // done\n}\n\nvar a = os.Args\n",
			"package main\n\nimport (\n\t\"os\"\n)\n\n// f says so.\nfunc f() error {\n\t// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")\n}\n\nvar a = os.Args\n"},
		{"all imports go",
			"package main\n\nimport \"fmt\"\n\nfunc f() { fmt.Println(1) }\n",
			"package main\n\nfunc f() {\n\t// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")\n}\n"},
		{"a group goes",
			"package main\n\nimport (\n\t\"os\"\n\n\t\"a.b/c/v4\" //lint:ignore SA1019 old\n)\n\nfunc f() { c.Do() }\n\nvar a = os.Args\n",
			"package main\n\nimport (\n\t\"os\"\n)\n\nfunc f() {\n\t// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")\n}\n\nvar a = os.Args\n"},
		{"named and blank imports",
			"package main\n\nimport (\n\tx \"fmt\"\n\t_ \"os\"\n\ty \"time\"\n)\n\nfunc f() { x.Println(1) }\n\nvar a = y.Now()\n",
			"package main\n\nimport (\n\t_ \"os\"\n\ty \"time\"\n)\n\nfunc f() {\n\t// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")\n}\n\nvar a = y.Now()\n"},
		{"only the function, not the method",
			"package main\n\nfunc f() {}\n\nfunc (t T) f() {}\n\ntype T int\n",
			"package main\n\nfunc f() {\n\t// your turn: 1.1\n\tpanic(\"1.1 is yours to write\")\n}\n\nfunc (t T) f() {}\n\ntype T int\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tutor, _ := newTutor(t, toySteps, map[string]string{"docs/step1/main.go": tt.in})
			got, err := tutor.cutProgram("docs/step1", map[string]string{"f": "1.1"})
			if err != nil {
				t.Fatal(err)
			}
			if string(got["main.go"]) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got["main.go"], tt.want)
			}
		})
	}
}

// A copyOfSteps is a module with the real steps, for programs of students.
func copyOfSteps(t *testing.T) *tutor {
	t.Helper()
	original := realTutor(t)
	files := map[string]string{}
	for _, name := range []string{"go.mod", "go.sum"} {
		files[name] = readFile(t, filepath.Join(original.root, name))
	}
	names, err := filepath.Glob(filepath.Join(original.root, "docs", "step*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		files["docs/"+path.Base(filepath.Dir(name))+"/"+filepath.Base(name)] = readFile(t, name)
	}
	tutor, _ := newTutor(t, original.steps, files)
	tutor.timeout = testTimeout
	return tutor
}

// programSteps are those with a program and holes.
func programSteps(tutor *tutor) []step {
	return slices.DeleteFunc(slices.Clone(tutor.steps[:lastProgram]), func(s step) bool { return len(s.holes) == 0 })
}

// With all holes, and with any single one, each step compiles, is as gofmt has it, and
// differs from the step in bodies and imports only.
func TestCutSteps(t *testing.T) {
	tutor := copyOfSteps(t)
	var dirs []string
	add := func(dir string, files map[string][]byte) {
		for name, text := range files {
			if formatted, err := format.Source(text); err != nil || !bytes.Equal(formatted, text) {
				t.Errorf("%s/%s isn't as gofmt has it: %v", dir, name, err)
			}
		}
		if err := tutor.write(dir, files); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, "./"+dir)
	}

	for _, s := range programSteps(tutor) {
		files, err := tutor.cutStep(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.challenges()) > 0 {
			if there, _ := tutor.exists(path.Join(s.dir(), challengesFile)); there {
				if files[challengesFile], err = tutor.cutChallenges(s); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, h := range s.holes {
			found := 0
			for _, text := range files {
				found += strings.Count(string(text), stubPanic(h.ID))
			}
			if found != 1 && !(h.Challenge && files[challengesFile] == nil) {
				t.Errorf("%s: %d functions are called %s in %s, want 1", h.ID, found, h.Func, s.dir())
			}
		}
		add(s.mineDir(), files)

		if *wrongFlag == "sample" {
			continue
		}
		for _, h := range s.required() {
			files, err := tutor.cutProgram(s.dir(), map[string]string{h.Func: h.ID})
			if err != nil {
				t.Fatal(err)
			}
			add("_mine/only"+strings.ReplaceAll(h.ID, ".", "_"), files)
		}
	}
	if testing.Short() || len(dirs) == 0 {
		return
	}

	twoAtATime <- struct{}{}
	defer func() { <-twoAtATime }()
	cmd := exec.Command("go", append([]string{"build", "-trimpath", "-o", os.DevNull}, dirs...)...)
	if len(dirs) > 1 {
		cmd = exec.Command("go", append([]string{"build", "-trimpath"}, dirs...)...) // of several it keeps none
	}
	cmd.Dir = tutor.root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
}

// A student who fills hole after hole with the step's own functions passes check after
// check, while the later holes are still empty; so does one who does a challenge first.
func TestFillSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a program a hole")
	}
	tutor := copyOfSteps(t)
	for _, s := range programSteps(tutor) {
		for i, h := range s.holes {
			if (h.Challenge || i%2 == 1) && *wrongFlag == "sample" {
				continue
			}
			t.Run(h.ID, func(t *testing.T) { t.Parallel(); fill(t, tutor, s, h) })
		}
		if *wrongFlag == "sample" {
			return
		}
	}
}

// fill checks the program of a student who has written all holes up to h.
func fill(t *testing.T, original *tutor, s step, h hole) {
	later := make(map[string]string)
	for _, other := range s.holes {
		if !other.Challenge && !h.Challenge {
			later[other.Func] = other.ID
		}
	}
	for _, other := range s.required() {
		delete(later, other.Func)
		if other.ID == h.ID {
			break
		}
	}

	tutor := *original
	tutor.steps = slices.Clone(original.steps)
	files, err := tutor.cutProgram(s.dir(), later)
	if err != nil {
		t.Fatal(err)
	}
	run := testRun{dir: "_mine/fill" + strings.ReplaceAll(h.ID, ".", "_"), overlay: make(map[string]string), tests: []string{h.testName()}}
	checks := []string{"holes_test.go"}
	if h.Challenge {
		run.tags = "challenge"
		checks = append(checks, "challenges_test.go")
		if files[challengesFile], err = onlyChallenge(&tutor, s, h); err != nil {
			t.Fatal(err)
		}
	}
	if err := tutor.write(run.dir, files); err != nil {
		t.Fatal(err)
	}

	names := make(map[string][]string)
	for _, check := range checks {
		run.overlay[path.Join(run.dir, check)] = path.Join(s.dir(), check)
		if err := tutor.findTests(path.Join(s.dir(), check), []hole{h}, names); err != nil {
			t.Fatal(err)
		}
	}
	if o := runTests(t, &tutor, run); !o.allPassed(names[h.ID]) {
		t.Errorf("%s isn't passed by the step's own %s (%d tests):\n%s", h.ID, h.Func, len(names[h.ID]), strings.Join(slices.Concat(o.build, o.faults, o.output), "\n"))
	}
}

// onlyChallenge returns the challenges' file with all but one of them empty.
func onlyChallenge(tutor *tutor, s step, h hole) ([]byte, error) {
	holes := make(map[string]string)
	for _, other := range s.challenges() {
		if other.ID != h.ID {
			holes[other.Func] = other.ID
		}
	}
	files, err := tutor.cutProgram(s.dir(), holes, "challenge")
	if err != nil {
		return nil, err
	}
	text, ok := files[challengesFile]
	if !ok {
		return nil, fmt.Errorf("%s has no %s", s.dir(), challengesFile)
	}
	return bytes.TrimPrefix(text, []byte(challengeTag)), nil
}

// The tables are complete, and in order.
func TestTables(t *testing.T) {
	for _, s := range courseSteps() {
		challenges := 0
		for i, h := range s.holes {
			if want := fmt.Sprintf("%d.%d", s.number, i+1); h.ID != want {
				t.Errorf("the hole at place %d of step %d is %s, want %s", i+1, s.number, h.ID, want)
			}
			if h.Title == "" || h.Task == "" || h.Nudge == "" || h.Idea == "" || h.Func == "" && !s.isNode() {
				t.Errorf("%s lacks a text", h.ID)
			}
			if h.Challenge {
				challenges++
			} else if challenges > 0 || s.isNode() {
				t.Errorf("%s should be a challenge, or stand before them", h.ID)
			}
		}
		if challenges != 3 {
			t.Errorf("step %d has %d challenges, want 3", s.number, challenges)
		}
	}
}
