package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// nodeFiles are a module with a challenge that extends one of its packages.
var nodeFiles = map[string]string{
	"go.mod":             "module gosimpleblockchain\n\ngo 1.25\n",
	"main.go":            "package main\n\nimport \"gosimpleblockchain/kademlia\"\n\nfunc main() { kademlia.Ping(1) }\n",
	"kademlia/ping.go":   "// Package kademlia pings.\npackage kademlia\n\n// Ping returns n.\nfunc Ping(n int) int { return n }\n",
	"kademlia/k_test.go": "package kademlia\n\nimport \"testing\"\n\nfunc TestPing(t *testing.T) { Ping(1) }\n",

	"docs/learn/testdata/node/7.1_test.go": `// dir: kademlia
package kademlia

import "testing"

func TestHole7_1Pong(t *testing.T) {
	if got := Pong(2); got != 3 {
		t.Errorf("Pong(2) = %d, want 3", got)
	}
}
`,
	"docs/learn/testdata/right/node/7.1-pong.go": "// dir: kademlia\npackage kademlia\n\n// Pong returns n+1.\nfunc Pong(n int) int { return n + 1 }\n",
}

var nodeSteps = []step{{7, "The network", "docs/07-network.md", []hole{
	{ID: "7.1", Title: "Pong", Task: "Write Pong.", Nudge: "Think.", Idea: "Add.", Challenge: true},
}}}

func TestNodeChallenge(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles five times")
	}
	t.Parallel()
	tutor, out := newTutor(t, nodeSteps, nodeFiles)
	write := func(name, text string) {
		t.Helper()
		writeFile(t, filepath.Join(tutor.root, filepath.FromSlash(name)), text)
	}
	expect := func(command string, want ...string) {
		t.Helper()
		got := do(t, tutor, out, command)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Fatalf("learn %s says\n%s\n\nand not %q", command, got, text)
			}
		}
	}

	expect("start 7.1", "7.1  Pong", "docs/07-network.md", "check 7.1")
	expect("start 7", "no program of its own")
	expect("hint 7.1", "Think.")
	expect("solution 7.1", "return n + 1")
	expect("check 7", "one by one")
	expect("check 7.1", "isn't there yet, or has another name", "undefined: Pong")

	write("kademlia/pong.go", "package kademlia\n\nfunc Pong(n int) int { return n }\n")
	expect("check 7.1", "✗ 7.1", "Pong(2) = 2, want 3", "hint 7.1")
	write("kademlia/pong.go", "package kademlia\n\nfunc Pong(n int) int { return n + x }\n")
	expect("check 7.1", "doesn't compile yet", "kademlia/pong.go:3", "undefined: x")

	// To change what others call is no solution.
	write("kademlia/pong.go", "package kademlia\n\nfunc Pong(n int) int { return n + 1 }\n")
	write("kademlia/ping.go", "package kademlia\n\nfunc Ping(n int64) int64 { return n }\n")
	write("main.go", "package main\n\nimport \"gosimpleblockchain/kademlia\"\n\nfunc main() { kademlia.Ping(int(1)) }\n")
	expect("check 7.1", "something else in the project doesn't compile any more", "main.go:5")
	if tutor.readProgress().Passed["7.1"] != "" {
		t.Error("passed")
	}

	write("main.go", nodeFiles["main.go"])
	expect("check 7.1", "✓ 7.1")
	expect("", "Challenges: 1 of 1.")
}
