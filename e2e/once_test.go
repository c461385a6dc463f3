package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a node does for a payment of its own it does once. When it is pooled it is
// encoded as JSON, and its signature verified: not again for the peers, the
// Merkle tree, the block, the check of the block, or the pool that follows the
// chain. And a mined block is not read back to see who won.
// The program counts its statements itself, as for a coverage report.
func TestPaymentIsEncodedAndVerifiedOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	net := newNetwork(t)
	net.program = countingProgram(t)

	// A block has work of its own. So compare a block of one payment with one of
	// three.
	one, three := callsOf(t, net, 1), callsOf(t, net, 3)
	perPayment := func(function string) float64 { return float64(three(function)-one(function)) / 2 }
	if got := perPayment("Transaction.encode"); got != 1 {
		t.Errorf("a payment is encoded %v times, want once", got)
	}
	if got := perPayment("signingTexts.verify"); got != 1 {
		t.Errorf("a signature is verified %v times, want once", got)
	}
	if got := one("chain.block"); got != 3 {
		t.Errorf("blocks are read %d times, want 3: twice before there is one, and for the template of the next", got)
	}
}

// countingProgram builds a program that counts how often each statement runs.
func countingProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node")
	out, err := exec.Command("go", "build", "-cover", "-covermode=atomic", "-o", path, "..").CombinedOutput()
	if err != nil {
		t.Fatalf("go build -cover: %v: %s", err, out)
	}
	return path
}

// callsOf has a node mine a block of some payments, and returns how often it
// called each function until it was stopped.
func callsOf(t *testing.T, net *network, payments int) func(function string) int {
	t.Helper()
	counts := t.TempDir()
	t.Setenv("GOCOVERDIR", counts)

	n := net.Start(fmt.Sprint("node of ", payments), flags(fmt.Sprint("-pool-size=", payments)), flags("-spend-pending"))
	from, to := n.Address("genesis_block"), n.Address("createwallet")
	for amount := range payments {
		n.Run("send", "--from", from, "--to", to, "--amount", fmt.Sprint(amount+1))
	}
	n.AwaitLog(fmt.Sprint("txs=", payments+1)) // the last command's block
	n.Interrupt()

	profile := filepath.Join(t.TempDir(), "profile")
	out, err := exec.Command("go", "tool", "covdata", "textfmt", "-i", counts, "-o", profile).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool covdata: %v: %s", err, out)
	}
	return func(function string) int { return calls(t, profile, function) }
}

// calls returns how often a function was entered: the count of the block with
// its first statement.
func calls(t *testing.T, profile, function string) int {
	t.Helper()
	file, first := find(t, function)
	text, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}

	total, found := 0, false
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var line, column, endLine, endColumn, statements, count int
		_, position, ok := strings.Cut(lines.Text(), "/"+file+":")
		if !ok {
			continue
		}
		fmt.Sscanf(position, "%d.%d,%d.%d %d %d", &line, &column, &endLine, &endColumn, &statements, &count)
		if line <= first && first <= endLine && !found {
			total, found = count, true
		}
	}
	if !found {
		t.Fatalf("%s is not in the profile", function)
	}
	return total
}

// find returns the file of a method of the root package, and the line of its
// first statement.
func find(t *testing.T, function string) (file string, line int) {
	t.Helper()
	paths, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	receiver, method, _ := strings.Cut(function, ".")
	for _, path := range paths {
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != method {
				continue
			}
			of := fn.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if of.(*ast.Ident).Name == receiver {
				return filepath.Base(path), files.Position(fn.Body.List[0].Pos()).Line
			}
		}
	}
	t.Fatalf("there is no %s", function)
	return "", 0
}
