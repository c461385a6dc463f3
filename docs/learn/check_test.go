package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A student's way through a step.
func TestLearn(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles five times")
	}
	t.Parallel()
	tutor, out := newTutor(t, toySteps, toyFiles)
	expect := func(command string, want ...string) {
		t.Helper()
		got := do(t, tutor, out, command)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Fatalf("learn %s says\n%s\n\nand not %q", command, got, text)
			}
		}
	}

	expect("", "step 1  Toys", "··", "learn start 1")
	expect("check", "_mine/step1 isn't there", "learn start 1")
	expect("start", "in _mine/step1 now", "1.1  Twice", toyMain+", line 10", "learn check")
	expect("start 1", "stays as it is", "start 1 -again")
	expect("check", "1.1 is still empty: open "+toyMain+", line 10")

	replace(t, tutor, toyMain, emptyOne, "return n + n")
	expect("check", "✓ 1.1", "1.2  Loud", "may need to import: strings", toyMain+", line 18")
	expect("", "✓·", "1.2  Loud")
	expect("hint", "nudge", "There's a package.")
	expect("hint", "the idea", "Package strings.")
	expect("hint", "That's all the hints", "solution 1.2")
	expect("solution 1.2", "return strings.ToUpper(w.text)", "docs/step1/main.go", "docs/01-toys.md")

	solveTwo(t, tutor)
	replace(t, tutor, toyMain, "return n + n", "return n + 1")
	expect("", "?·")
	expect("check", "double(0) = 1, want 0:\n  that's twice as much", "hint 1.1")
	replace(t, tutor, toyMain, "return n + 1", "return n * 2")
	expect("check", "✓ 1.1", "✓ 1.2", "go run ./_mine/step1", "start 1.3", "learn finale")
	expect("", "✓✓", "learn finale")

	expect("check 1.3", "haven't begun 1.3", "start 1.3")
	expect("start 1.3", "_mine/step1/challenges.go, line 5", "check 1.3")
	expect("check 1.3", "1.3 is still empty")
	replace(t, tutor, "_mine/step1/challenges.go", emptyThree, "return n / 2")
	expect("check 1.3", "half(-3) = -1, want -2")
	replace(t, tutor, "_mine/step1/challenges.go", "n / 2", "n >> 1")
	expect("check 1.3", "✓ 1.3")
	expect("", "Challenges: 1 of 1.")

	expect("start 1 -again", "_mine/step1 is now _mine/step1.old-1", "1.1  Twice")
	if got := readFile(t, filepath.Join(tutor.root, "_mine/step1.old-1/main.go")); !strings.Contains(got, "n * 2") {
		t.Errorf("the old step is\n%s", got)
	}
	expect("", "··")
}

// What may go wrong, and what the student is told: a part of it.
func TestMistakes(t *testing.T) {
	alwaysTrue := "if n >= 0 {\n\t\treturn 2 * n\n\t}\n\t"
	tests := []struct {
		name   string
		do     func(t *testing.T, tutor *tutor)
		want   []string
		really bool // runs go test
	}{
		{"nothing written", func(*testing.T, *tutor) {}, []string{"1.1 is still empty: open _mine/step1/main.go, line 10"}, false},
		{"no directory", func(t *testing.T, tutor *tutor) { os.RemoveAll(filepath.Join(tutor.root, "_mine/step1")) }, []string{"_mine/step1 isn't there", "learn start 1"}, false},
		{"no file", func(t *testing.T, tutor *tutor) { os.Remove(filepath.Join(tutor.root, toyMain)) }, []string{"no Go file in _mine/step1", "start 1 -again"}, false},
		{"an empty file", func(t *testing.T, tutor *tutor) { writeFile(t, filepath.Join(tutor.root, toyMain), "") }, []string{"should begin with the line \"package main\""}, false},
		{"not Go", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, emptyOne, "return (n + ") }, []string{"_mine/step1/main.go, line 11: this isn't Go yet"}, false},
		{"binary rubbish", func(t *testing.T, tutor *tutor) {
			writeFile(t, filepath.Join(tutor.root, toyMain), "package main\n\x00\xff\xfe")
		}, []string{"_mine/step1/main.go, line 2: this isn't Go yet"}, false},
		{"no package clause", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, "package main\n", "") }, []string{"\"package main\""}, false},
		{"UTF-16", func(t *testing.T, tutor *tutor) {
			writeFile(t, filepath.Join(tutor.root, toyMain), "\xff\xfep\x00a\x00")
		}, []string{"_mine/step1/main.go is saved as UTF-16"}, false},
		{"Windows line ends", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, "\n", "\r\n")
		}, []string{"1.1 is still empty"}, false},
		{"a file in place of the directory", func(t *testing.T, tutor *tutor) {
			os.RemoveAll(filepath.Join(tutor.root, "_mine/step1"))
			writeFile(t, filepath.Join(tutor.root, "_mine/step1"), "")
		}, []string{"can't read _mine/step1"}, false},
		{"another package", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, "package main\n", "package step1\n") }, []string{"begins with \"package step1\""}, false},
		{"a build tag", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, "// Step 1", "//go:build ignore\n\n// Step 1")
		}, []string{"no Go file in _mine/step1 that a build would take"}, false},
		{"deleted", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, "func double(n int) int {\n\t"+emptyOne+"\n}", "")
		}, []string{"can't find the function of 1.1", "func double(n int) int {"}, false},
		{"renamed", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, "func double(", "func twice(") }, []string{"can't find the function of 1.1", "Was it renamed or deleted?"}, false},
		{"another signature", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, "func double(n int) int {", "func double(n int64) int64 {")
		}, []string{"_mine/step1/main.go, line 9: the first line of double has changed", "func double(n int) int {"}, false},
		{"no body", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, "int {\n\t"+emptyOne+"\n}", "int")
		}, []string{"missing function body", "_mine/step1/main.go, line 9"}, true},
		{"a second file with the same function", func(t *testing.T, tutor *tutor) {
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/copy.go"), "package main\n\nfunc double(n int) int { return 2 * n }\n")
		}, []string{"two functions called double: in _mine/step1/copy.go, line 3, and in _mine/step1/main.go, line 10"}, false},
		{"a second main", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/copy.go"), "package main\n\nfunc main() {}\n")
		}, []string{"doesn't compile yet", "main redeclared in this block", "Keep one of them"}, true},
		{"a second file that helps", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return times(2, n)")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/times.go"), "package main\n\nfunc times(a, b int) int { return a * b }\n")
		}, []string{"✓ 1.1"}, true},
		{"an unknown name", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, emptyOne, "return 2 * m") }, []string{"doesn't compile yet", "_mine/step1/main.go, line 10: undefined: m", "spelled right"}, true},
		{"a missing import", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return len(strings.Repeat(\"xx\", n))")
		}, []string{"undefined: strings", "add \"strings\" to the imports"}, true},
		{"an import too many", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
		}, []string{"line 6: \"os\" imported and not used", "Delete that line"}, true},
		{"no such package", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t_ \"fmtt\"")
		}, []string{"_mine/step1/main.go, line 6: package fmtt is not in std", "no such package"}, true},
		{"a changed type", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			replace(t, tutor, toyMain, "struct{ text string }", "struct{ text, more string }")
		}, []string{"The check can't use your program", "too few values in struct literal"}, true},
		{"a name that the check has, too", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			replace(t, tutor, toyMain, "func main()", "func TestHole1_2() {}\n\nfunc main()")
		}, []string{"declares TestHole1_2, and so does the check", "another name"}, true},
		{"a module of its own", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/go.mod"), "module mine\n")
		}, []string{"_mine/step1/go.mod makes that directory a module", "delete that file"}, false},
		{"a module of _mine", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			writeFile(t, filepath.Join(tutor.root, "_mine/go.mod"), "module mine\n")
		}, []string{"_mine/go.mod makes that directory a module", "delete that file"}, false},
		{"the course's program broken", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			replace(t, tutor, "docs/step1/main.go", "func main() {", "func main( {")
		}, []string{"The course's own program has been changed", "docs/step1/main.go, line", "git checkout docs/step1"}, false},
		{"wrong", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, emptyOne, "return n * n") }, []string{"✗ 1.1  Twice: not yet.\n  double(1) = 1, want 2:\n  that's twice as much\n  double(7) = 49", "learn hint 1.1"}, true},
		{"prints", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "fmt.Println(\"n is\", n)\n\treturn n")
		}, []string{"double(1) = 1, want 2", "Your program printed:", "n is 7"}, true},
		{"prints no line ends", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "fmt.Print(\"n is \", n, \"! \")\n\treturn n")
		}, []string{"  double(1) = 1, want 2", "Your program printed:", "n is 0! n is 1!"}, true},
		{"panics", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, emptyOne, "return []int{0, 2}[n]") }, []string{"Your program panics: runtime error: index out of range [7] with length 2", "(_mine/step1/main.go, line 10)"}, true},
		{"calls itself", func(t *testing.T, tutor *tutor) { replace(t, tutor, toyMain, emptyOne, "return double(n) + 1") }, []string{"calls itself again and again (_mine/step1/main.go, line 9)"}, true},
		{"loops", func(t *testing.T, tutor *tutor) {
			tutor.timeout = time.Second
			replace(t, tutor, toyMain, emptyOne, "for {\n\t}")
		}, []string{"still running after 1s", "Does each loop end?"}, true},
		{"grows", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "var list [][]byte\n\tfor {\n\t\tlist = append(list, make([]byte, 64<<20))\n\t}")
		}, []string{"more and more memory"}, true},
		{"prints without end", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "for {\n\t\tfmt.Println(\"I'm still here, and here, and here, and here, and here, and here\")\n\t}")
		}, []string{"prints and prints"}, true},
		{"needs the next hole", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "new(Word).shout()\n\treturn 2 * n")
		}, []string{"1.1 needs 1.2, which is still empty: open _mine/step1/main.go, line"}, true},

		// These must not count as passed.
		{"ends with 0", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "os.Exit(0)\n\treturn 0")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
		}, []string{"calls os.Exit"}, true},
		{"ends with 1", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "os.Exit(1)\n\treturn 0")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
		}, []string{"ended before the check was through"}, true},
		{"ends before the tests", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 0")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
			replace(t, tutor, toyMain, "func main()", "func init() { os.Exit(0) }\n\nfunc main()")
		}, []string{"ended before the check was through"}, true},
		{"ends behind the test's back", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "go os.Exit(0)\n\t"+alwaysTrue+"return 0")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
			replace(t, tutor, toyMain, "if n >= 0", "time.Sleep(100 * time.Millisecond)\n\tif n >= 0")
			replace(t, tutor, toyMain, `"os"`, "\"os\"\n\t\"time\"")
		}, []string{"os.Exit"}, true},
		{"prints what a test prints", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "fmt.Println(\"--- PASS: TestHole1_1Double (0.00s)\\nPASS\")\n\treturn 0")
		}, []string{"✗ 1.1"}, true},
		{"prints what all tests print, and ends", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 0")
			replace(t, tutor, toyMain, `"fmt"`, "\"fmt\"\n\t\"os\"")
			replace(t, tutor, toyMain, "func main()", `func init() {
	fmt.Print("\x16=== RUN   TestHole1_1Double\n\x16--- PASS: TestHole1_1Double (0.00s)\n\x16PASS\nlearn: ended 1\n")
	os.Exit(0)
}

func main()`)
		}, []string{"ended before the check was through"}, true},
		{"a TestMain of one's own", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 0")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/main_test.go"), "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n")
		}, []string{"I leave your own _mine/step1/main_test.go out", "✗ 1.1"}, true},
		{"checks of one's own", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 0")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/holes_test.go"), "package main\n\nimport \"testing\"\n\nfunc TestHole1_1Double(t *testing.T) {}\n")
		}, []string{"✗ 1.1"}, true},
		{"a test that doesn't compile", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/my_test.go"), "package main\n\nfunc {\n")
		}, []string{"I leave your own _mine/step1/my_test.go out", "✓ 1.1"}, true},
		{"a challenge that doesn't compile", func(t *testing.T, tutor *tutor) {
			replace(t, tutor, toyMain, emptyOne, "return 2 * n")
			writeFile(t, filepath.Join(tutor.root, "_mine/step1/challenges.go"), "package main\n\nfunc half(n int) int { return m }\n")
		}, []string{"✓ 1.1"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.really && testing.Short() {
				t.Skip("compiles")
			}
			t.Parallel()
			tutor, out := newToy(t)
			tt.do(t, tutor)

			got := do(t, tutor, out, "check")
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("learn check says\n%s\n\nand not %q", got, want)
				}
			}
			mustPass := strings.HasPrefix(tt.want[len(tt.want)-1], "✓")
			if _, passed := tutor.readProgress().Passed["1.1"]; passed != mustPass {
				t.Errorf("passed is %v, want %v", passed, mustPass)
			}
		})
	}
}

func TestNoGo(t *testing.T) {
	tutor, out := newToy(t)
	replace(t, tutor, toyMain, emptyOne, "return 2 * n")
	t.Setenv("PATH", t.TempDir())

	if got := do(t, tutor, out, "check"); !strings.Contains(got, "can't find the program go") {
		t.Errorf("without go, learn check says\n%s", got)
	}
	if got := do(t, tutor, out, "finale"); !strings.Contains(got, "can't find the program go") {
		t.Errorf("without go, learn finale says\n%s", got)
	}
}

// The progress may be damaged in any way: nothing crashes, and the programs stay.
func TestDamagedProgress(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"step": "one"}`, `{"step": -7}`, `{"step": 1000000}`, `{"passed": {"1.1": 5}}`, `{"passed": {"9.9": "x"}}`, `{"hints": {"1.1": -3}}`, "null", "\x00\xff"} {
		tutor, out := newToy(t)
		writeFile(t, tutor.progressPath(), text)
		for _, command := range []string{"", "hint", "check", "show", "start 1"} {
			if got := do(t, tutor, out, command); !strings.Contains(got, "1.1") {
				t.Errorf("progress %q: learn %s says\n%s", text, command, got)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	tests := []struct{ command, want string }{
		{"solution", "Of which one?"},
		{"solution 9.9", "There is no 9.9"},
		{"hint 9.9", "There is no 9.9. These are the ones there are: 1.1 to 1.3."},
		{"check 9.9", "There is no 9.9"},
		{"check step9", "There is no step"},
		{"start 9", "There is no step"},
		{"start 1.1", "which you get whole"},
		{"show 1.2", "Return the word in capitals."},
		{"dance", "usage: "},
		{"check 1.1 1.2", "usage: "},
		{"help", "usage: "},
		{"watch 9.9", "There is no 9.9"},
	}
	tutor, out := newToy(t)
	for _, tt := range tests {
		if got := do(t, tutor, out, tt.command); !strings.Contains(got, tt.want) {
			t.Errorf("learn %s says\n%s\nwant %q", tt.command, got, tt.want)
		}
	}
}

// A challenge can be had without having solved the step.
func TestChallengeFirst(t *testing.T) {
	tutor, out := newTutor(t, toySteps, toyFiles)
	got := do(t, tutor, out, "start 1.3")
	for _, want := range []string{"haven't begun step 1", "finished program", "1.3  Half"} {
		if !strings.Contains(got, want) {
			t.Errorf("learn start 1.3 says\n%s\nwant %q", got, want)
		}
	}
	if got, want := readFile(t, filepath.Join(tutor.root, toyMain)), toyFiles["docs/step1/main.go"]; got != want {
		t.Errorf("the program is\n%s\nwant\n%s", got, want)
	}
	want := "package main\n\n// half returns half of n, rounded down.\nfunc half(n int) int {\n\t" + emptyThree + "\n}\n"
	if got := readFile(t, filepath.Join(tutor.root, "_mine/step1/challenges.go")); got != want {
		t.Errorf("the challenges are\n%s\nwant\n%s", got, want)
	}
}

func TestFindRoot(t *testing.T) {
	tutor, _ := newToy(t)
	for _, dir := range []string{".", "docs/step1", "_mine"} {
		if got, err := findRoot(filepath.Join(tutor.root, filepath.FromSlash(dir))); err != nil || got != tutor.root {
			t.Errorf("%s: root %q, %v", dir, got, err)
		}
	}

	outside := t.TempDir()
	if _, err := findRoot(outside); err == nil || !strings.Contains(err.Error(), "isn't the project's directory") {
		t.Errorf("outside: %v", err)
	}
	writeFile(t, filepath.Join(outside, "go.mod"), "module other\n")
	if _, err := findRoot(outside); err == nil || !strings.Contains(err.Error(), "isn't the project's directory") {
		t.Errorf("in another module: %v", err)
	}
}

func TestWatch(t *testing.T) {
	tutor, _ := newToy(t)
	before := tutor.fingerprint()
	replace(t, tutor, toyMain, emptyOne, "return 2 * n")
	if tutor.fingerprint() == before {
		t.Error("a save isn't seen")
	}
	before = tutor.fingerprint()
	os.RemoveAll(filepath.Join(tutor.root, "_mine"))
	if tutor.fingerprint() == before {
		t.Error("that the directory is gone isn't seen")
	}
}

// Watch checks at each save, goes on after a compile error, and ends when asked to.
func TestWatchSaves(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles twice")
	}
	t.Parallel()
	tutor, _ := newToy(t)
	lines, w := io.Pipe()
	tutor.out = w
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- tutor.watch(ctx, "")
		w.Close()
	}()

	said := bufio.NewScanner(lines)
	await := func(text string) {
		t.Helper()
		for said.Scan() {
			if strings.Contains(said.Text(), text) {
				return
			}
		}
		t.Fatalf("watch ended without saying %q", text)
	}
	await("1.1 is still empty")
	await("I'm watching")
	replace(t, tutor, toyMain, emptyOne, "return 2 * m")
	await("undefined: m")
	await("I'm watching")
	replace(t, tutor, toyMain, "2 * m", "2 * n")
	await("✓ 1.1")
	await("I'm watching")
	cancel()
	await("Until next time")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Many processes may write down at once how far the student is, and none fails.
func TestSaveAtOnce(t *testing.T) {
	tutor, out := newToy(t)
	errs := make(chan error, 64)
	for i := range cap(errs) {
		go func() {
			p := progress{Step: 1, Passed: map[string]string{"1.1": strings.Repeat("a", i*100)}}
			errs <- tutor.save(p)
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}

	if p := tutor.readProgress(); p.Step != 1 || out.Len() > 0 {
		t.Errorf("afterwards the progress is %+v: %s", p, out)
	}
	if names, err := os.ReadDir(filepath.Join(tutor.root, "_mine")); err != nil || len(names) != 2 {
		t.Errorf("want the step and the progress: %v, %v", names, err)
	}
}

// What isn't as it should be in _mine is said, and what to do.
func TestInTheWay(t *testing.T) {
	tutor, out := newToy(t)
	if err := os.Remove(tutor.progressPath()); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(tutor.progressPath(), "x"), "")
	if got := do(t, tutor, out, "hint 1.1"); !strings.Contains(got, "is _mine/progress.json a file? Move away") {
		t.Errorf("a directory in place of the progress: learn says\n%s", got)
	}

	if err := os.RemoveAll(filepath.Join(tutor.root, "_mine")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(tutor.root, "_mine"), "")
	if got := do(t, tutor, out, "start 1"); !strings.Contains(got, "_mine should be a directory, and is a file. Move it away") {
		t.Errorf("a file in place of _mine: learn says\n%s", got)
	}
}

// A program may never come to its tests: then go stops it, a minute later.
func TestReasonBeforeTests(t *testing.T) {
	tutor, _ := newToy(t)
	all := "SIGQUIT: quit\n\t/home/me/_mine/step1/main.go:7 +0x1\n*** Test killed with quit: ran too long (2m0s)."
	if got := tutor.reason(&outcome{}, all); !strings.Contains(got, "hasn't come to the check (_mine/step1/main.go, line 7)") {
		t.Errorf("of a loop in init it says %q", got)
	}
}

func TestFindRootInModule(t *testing.T) {
	tutor, _ := newToy(t)
	for _, dir := range []string{"_mine", "_mine/step1"} {
		full := filepath.Join(tutor.root, filepath.FromSlash(dir))
		if root, err := findRoot(full); err != nil || root != tutor.root {
			t.Errorf("the root of %s is %q, %v", dir, root, err)
		}
		writeFile(t, filepath.Join(full, "go.mod"), "module mine\n")
		if _, err := findRoot(full); err == nil || !strings.Contains(err.Error(), "delete that file") {
			t.Errorf("%s is a module: %v", dir, err)
		}
		if err := os.Remove(filepath.Join(full, "go.mod")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSayWhere(t *testing.T) {
	tutor, out := newToy(t)
	tutor.root = "/home/my course"
	tutor.sayWhere()
	if !strings.Contains(out.String(), `cd "/home/my course")`) {
		t.Errorf("it says %s", out)
	}
}
