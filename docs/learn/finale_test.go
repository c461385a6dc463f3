package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The node takes the chain that step 6 makes, block by block, and not a forged one.
func TestFinale(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs nodes")
	}
	data := filepath.Join(t.TempDir(), "data")
	check := func(want ...string) {
		t.Helper()
		var out strings.Builder
		if err := finale(t.Context(), "../..", []string{"-data", data}, &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range append(want, "Alice      700", "Carol     3200", "go run . start -data "+data) {
			if !strings.Contains(out.String(), want) {
				t.Errorf("it doesn't say %q:\n%s", want, out.String())
			}
		}
	}

	check("block 0  f3187e6c  the node has it", "block 6  ", "It says:\n  block 6: transaction 0: ")
	if _, err := os.Stat(filepath.Join(data, "chain.db")); err != nil {
		t.Error(err)
	}

	if err := finale(t.Context(), "../..", []string{"-data", data}, io.Discard); err == nil || !strings.Contains(err.Error(), "I won't touch it") {
		t.Errorf("with a directory that has a chain: %v", err)
	}

	speakChinese(t)
	data = filepath.Join(t.TempDir(), "data")
	check("区块 0  f3187e6c  节点有了", "它说：\n  ")
}

// What go says may be long; only its beginning is kept.
func TestBoundedBuffer(t *testing.T) {
	b := &boundedBuffer{most: 64 << 10}
	if n, err := io.Copy(b, strings.NewReader(strings.Repeat("x", 1<<20))); n != 1<<20 || err != nil {
		t.Errorf("copied %d bytes, %v", n, err)
	}
	if got := len(b.String()); got != 64<<10 || !b.isFull {
		t.Errorf("it keeps %d bytes, and is full: %t", got, b.isFull)
	}
}

// What a step 6 that isn't ready is told.
func TestFinaleNotReady(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	tests := []struct{ name, body, want string }{
		{"a hole", `panic("6.2 is yours to write")`, "6.2 is still empty"},
		{"prints without end", `for { println("and here, and here, and here, and here, and here, and here, and here") }`, "prints and prints"},
		{"a panic", `panic("no")`, "panic: no"},
		{"no chain", `println("> export")`, "export prints a line that is no block"},
	}
	for _, tt := range tests {
		tutor, _ := newTutor(t, toySteps, map[string]string{
			"go.mod":              toyFiles["go.mod"],
			"_mine/step6/main.go": "package main\n\nfunc main() { " + tt.body + " }\n",
		})
		_, err := playStep(t.Context(), tutor.root, "_mine/step6", t.TempDir())
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 6000 {
			t.Errorf("%s: got\n%.3000v\nwant %q", tt.name, err, tt.want)
		}
	}
}

// What couldn't be shown leaves nothing behind: the student mends it, and types the
// same command again.
func TestFinaleAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	tutor, out := newTutor(t, toySteps, map[string]string{
		"go.mod":              toyFiles["go.mod"],
		"main.go":             "package main\n\nfunc main() {}\n",
		"_mine/step6/main.go": "package main\n\nfunc main() { panic(\"6.2 is yours to write\") }\n",
	})
	for range 2 {
		err := finale(t.Context(), tutor.root, []string{"-data", "data-7"}, out)
		if err == nil || !strings.Contains(err.Error(), "6.2 is still empty") {
			t.Errorf("got %v, want word of 6.2", err)
		}
	}
	if there, err := tutor.exists("data-7"); err != nil || there {
		t.Errorf("data-7 is there: %t, %v", there, err)
	}
}
