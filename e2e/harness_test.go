// Package e2e plays whole networks: it builds the program, starts nodes as
// processes of their own, and types the commands that a user would.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const patience = time.Minute // for whatever is waited for

var (
	addressPattern   = regexp.MustCompile(`\b1[1-9A-HJ-NP-Za-km-z]{25,33}\b`)
	listeningPattern = regexp.MustCompile(`msg=listening addr=(\S+) rpc=(\S+)`)
	lastBlockPattern = regexp.MustCompile("the last one is `go run . print (\\d+)")
)

// buildDir holds the program while the tests run.
var buildDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "e2e-") })

func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C")                                      // or the program might speak Chinese
	flag.Set("test.parallel", "4")                                // they wait more than they compute; -parallel still counts
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0") // or each command would end a second late under the race detector

	code := m.Run()
	if dir, err := buildDir(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// program builds the node, once for all tests, and returns its path.
var program = sync.OnceValues(func() (string, error) {
	if err := watchSources(); err != nil {
		return "", err
	}
	dir, err := buildDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "node.exe") // Windows wants the ending, the others don't mind

	build := []string{"build", "-ldflags=-w", "-o", path}
	if raceDetector { // bolt is older than Go's pointer checks, and fails them
		build = append(build, "-race", "-gcflags=all=-d=checkptr=0")
	}
	if out, err := exec.Command("go", append(build, "..")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// watchSources looks at the program's source files. Go test takes a result from
// its cache if the files that a test looked at are as they were, and those that
// go build reads do not count.
func watchSources() error {
	for _, dir := range []string{"..", "../kademlia", "../network", "../rpc", "../view", "../view/static"} {
		if _, err := os.ReadDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// A network is a few nodes on one machine, and their logs.
type network struct {
	t       testing.TB
	program string
	env     []string // of commands, beside that of the tests
	nodes   []*node  // in the order of their first start

	mu   sync.Mutex    // guards all below, and the nodes' logs
	news chan struct{} // closed and replaced at each line that any node logs, and when one ends
}

// newNetwork returns a network without nodes. When the test ends, so do all
// that it has started by then.
func newNetwork(t testing.TB) *network {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal to interrupt a process")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	net := &network{t: t, program: path, news: make(chan struct{})}
	t.Cleanup(func() {
		for _, n := range net.nodes {
			n.Kill()
		}
	})
	return net
}

// full marks a test that -short leaves out, and that runs beside others.
func full(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
}

// A node is one `start` after another with the same data directory and ports.
type node struct {
	net     *network
	name    string
	data    string // directory
	options []option

	addr, rpc string // of the run under way, or of the last one
	cmd       *exec.Cmd
	ended     chan struct{} // closed when the process is gone
	exit      error         // then: how it ended

	log  []string       // of the run, guarded by net.mu
	read map[string]int // by text: lines that AwaitLog has returned for
}

// An option is a flag of `start`, or something that makes one: a node is the
// option to join it.
type option interface{ flag() string }

type flags string

func (f flags) flag() string { return string(f) }
func (n *node) flag() string { return "-bootstrap=" + n.addr }

// Start starts a node with an empty directory, on ports that the system chooses.
func (net *network) Start(name string, options ...option) *node {
	net.t.Helper()
	return net.StartIn(net.t.TempDir(), name, options...)
}

// StartIn is Start with a directory that may hold a chain and wallets.
func (net *network) StartIn(dir, name string, options ...option) *node {
	net.t.Helper()
	n := &node{net: net, name: name, data: dir, options: options}
	net.nodes = append(net.nodes, n)
	n.launch("127.0.0.1:0", "127.0.0.1:0")
	return n
}

// Restart starts a node that has ended once more, on the ports that it had, or
// on others should somebody have taken those meanwhile.
func (n *node) Restart() {
	n.net.t.Helper()
	n.launch(n.addr, n.rpc)
}

// launch starts the process, and waits until it listens.
func (n *node) launch(addr, rpc string) {
	t := n.net.t
	t.Helper()
	n.begin(addr, rpc)
	line, ok := n.await("msg=listening")

	// Whoever asked the system for a port while the node was down may have
	// been given one of its own.
	if !ok && strings.Contains(n.Log(), "address already in use") {
		n.begin("127.0.0.1:0", "127.0.0.1:0")
		line, ok = n.await("msg=listening")
	}

	if !ok {
		t.Fatalf("%s does not start: %v\n%s", n.name, n.exit, n.Log())
	}
	found := listeningPattern.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("%s does not say where it listens: %s", n.name, line)
	}
	n.addr, n.rpc = found[1], found[2]
}

// begin starts the process, with an empty log.
func (n *node) begin(addr, rpc string) {
	t := n.net.t
	t.Helper()
	args := []string{"start", "-listen", addr, "-rpc", rpc, "-view", "off", "-log", "text", "-data", n.data}
	for _, o := range n.options {
		args = append(args, o.flag())
	}
	cmd := exec.Command(n.net.program, args...)
	endsWithParent(cmd)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	ended := make(chan struct{})
	n.net.tell(func() {
		n.cmd, n.ended, n.log, n.read = cmd, ended, nil, make(map[string]int)
	})
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			n.net.tell(func() { n.log = append(n.log, lines.Text()) })
		}
		n.exit = cmd.Wait()
		n.net.tell(func() { close(ended) })
	}()
}

// tell wakes up whoever waits, after a change.
func (net *network) tell(change func()) {
	net.mu.Lock()
	defer net.mu.Unlock()
	change()
	close(net.news)
	net.news = make(chan struct{})
}

// Await waits until ok, which is asked again whenever a node logs something and,
// since nodes that log much omit lines, every second.
func (net *network) Await(what string, ok func() bool) {
	net.t.Helper()
	limit := time.After(patience)
	for {
		net.mu.Lock()
		news := net.news
		net.mu.Unlock()
		if ok() {
			return
		}
		select {
		case <-news:
		case <-time.After(time.Second):
		case <-limit:
			net.t.Fatalf("no %s\n%s", what, net.logs())
		}
	}
}

// AwaitLog waits for the next line with some text in the log of the node's
// run, and returns it. The same text again means another line.
func (n *node) AwaitLog(text string) string {
	n.net.t.Helper()
	line, ok := n.await(text)
	if !ok {
		n.net.t.Fatalf("%s ends without %q: %v\n%s", n.name, text, n.exit, n.net.logs())
	}
	return line
}

// await is AwaitLog. It reports whether the line came before the node ended.
func (n *node) await(text string) (line string, ok bool) {
	n.net.t.Helper()
	n.net.Await(fmt.Sprintf("%q in the log of %s", text, n.name), func() bool {
		gone := n.gone() // before its log is looked at: then that is all of it
		lines := n.Logged(text)
		if ok = len(lines) > n.read[text]; ok {
			line = lines[n.read[text]]
			n.read[text]++
		}
		return ok || gone
	})
	return line, ok
}

// gone reports whether the process has ended.
func (n *node) gone() bool {
	select {
	case <-n.ended:
		return true
	default:
		return false
	}
}

// Logged returns the lines with some text in the log of the node's run.
func (n *node) Logged(text string) (lines []string) {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	for _, line := range n.log {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Log returns the log of the node's run.
func (n *node) Log() string { return strings.Join(n.Logged(""), "\n") }

func (net *network) logs() string {
	var all strings.Builder
	for _, n := range net.nodes {
		fmt.Fprintf(&all, "-- %s\n%s\n", n.name, n.Log())
	}
	return all.String()
}

// Interrupt stops a node as Ctrl+C does. It must end in peace.
func (n *node) Interrupt() {
	t := n.net.t
	t.Helper()
	if err := n.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("%s: %v\n%s", n.name, err, n.Log())
	}
	n.net.Await("end of "+n.name, n.gone)
	if n.exit != nil {
		t.Errorf("%s ends with %v\n%s", n.name, n.exit, n.Log())
	}
}

// Kill ends a node at once, wherever it is: kill -9. What it had logged by
// then can still be read.
func (n *node) Kill() {
	n.net.t.Helper()
	n.cmd.Process.Kill() // if it is there
	<-n.ended
	for _, line := range append(n.Logged("panic: "), n.Logged("DATA RACE")...) {
		n.net.t.Errorf("%s: %s\n%s", n.name, line, n.Log())
	}
}

// Run types a command on the node's machine, which must succeed, and returns
// what it prints to stdout.
func (n *node) Run(args ...string) string {
	n.net.t.Helper()
	stdout, stderr, err := n.Try(args...)
	if err != nil {
		n.net.t.Fatalf("%s$ %s: %v: %s", n.name, strings.Join(args, " "), err, stderr)
	}
	return stdout
}

// RunFails types a command that must fail, and returns what it says on stderr.
func (n *node) RunFails(args ...string) string {
	n.net.t.Helper()
	stdout, stderr, err := n.Try(args...)
	if err == nil {
		n.net.t.Fatalf("%s$ %s: succeeds, and prints %s", n.name, strings.Join(args, " "), stdout)
	}
	return stderr
}

// Try types a command that may fail. Any goroutine may call it.
func (n *node) Try(args ...string) (stdout, stderr string, err error) {
	return n.net.run(append(args, "-rpc", n.rpc)...)
}

// run runs the program to its end.
func (net *network) run(args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, net.program, args...)
	endsWithParent(cmd)
	cmd.Env = append(os.Environ(), net.env...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err = cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(err, ctx.Err())
	}
	return out.String(), complaint.String(), err
}

// Address types a command and returns the first address that it prints.
func (n *node) Address(args ...string) string {
	n.net.t.Helper()
	out := n.Run(args...)
	address := addressPattern.FindString(out)
	if address == "" {
		n.net.t.Fatalf("%s$ %s: no address in %s", n.name, strings.Join(args, " "), out)
	}
	return address
}

// Balance returns the coins of an address, as the node knows them.
func (n *node) Balance(address string) (coins int64) {
	n.net.t.Helper()
	out := n.Run("balance", address)
	if _, err := fmt.Sscanf(out, address+" balance is %d\n", &coins); err != nil {
		n.net.t.Fatalf("%s$ balance %s: %s", n.name, address, out)
	}
	return coins
}

// Height returns how high the node's chain is, -1 if it has none.
func (n *node) Height() (height int) {
	n.net.t.Helper()
	complaint := n.RunFails("print", "1000000000")
	found := lastBlockPattern.FindStringSubmatch(complaint)
	switch {
	case strings.Contains(complaint, "no chain yet"):
		return -1
	case found == nil:
		n.net.t.Fatalf("%s$ print 1000000000: %s", n.name, complaint)
	}
	fmt.Sscan(found[1], &height) // digits
	return height
}

// Tip returns the last header of the node's chain, as it prints it; "" if
// there is none.
func (n *node) Tip() string {
	n.net.t.Helper()
	height := n.Height()
	if height < 0 {
		return ""
	}
	return n.Run("print", fmt.Sprint(height))
}

// running returns the nodes that have not ended.
func (net *network) running() (nodes []*node) {
	for _, n := range net.nodes {
		if !n.gone() {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// agreed reports whether all running nodes have a chain with the same tip.
func (net *network) agreed() bool {
	net.t.Helper()
	nodes := net.running()
	tip := nodes[0].Tip()
	for _, n := range nodes[1:] {
		if n.Tip() != tip {
			return false
		}
	}
	return tip != ""
}

// Agree waits until all running nodes print the same tip.
func (net *network) Agree() {
	net.t.Helper()
	net.Await("agreement", net.agreed)
}
