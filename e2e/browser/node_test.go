package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gosimpleblockchain/view"
)

var (
	addressPattern   = regexp.MustCompile(`\b1[1-9A-HJ-NP-Za-km-z]{25,33}\b`)
	listeningPattern = regexp.MustCompile(`msg=listening addr=(\S+) rpc=(\S+)`)
	pagePattern      = regexp.MustCompile(`page=(http://[\d.:]+)`)
)

// repository is the directory of the program.
const repository = "../.."

// program is the node, built by TestMain.
var program string

// build builds the program into dir.
func build(dir string) (path string, err error) {
	path = filepath.Join(dir, "node.exe") // Windows wants the ending, the others don't mind
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}

// A node is a process, one `start` after another with the same data directory
// and ports.
type node struct {
	t    testing.TB
	data string // directory
	args []string

	addr, rpc, page string    // of the run under way, or of the last one
	home            [3]string // what they were before the node went apart
	cmd             *exec.Cmd
	ended           chan struct{} // closed when the process is gone

	mu   sync.Mutex // guards all below
	log  []string
	said chan struct{} // closed and replaced at each line
}

// startNode starts a node with an empty directory, on ports that the system
// chooses. It ends with the test.
func startNode(t testing.TB, args ...string) *node {
	t.Helper()
	return startNodeIn(t, t.TempDir(), args...)
}

// startNodeIn is startNode with a directory that may hold a chain and wallets.
func startNodeIn(t testing.TB, dir string, args ...string) *node {
	t.Helper()
	n := &node{t: t, data: dir, args: args, said: make(chan struct{})}
	n.launch("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("%s\n%s", n.addr, strings.Join(n.lines(), "\n"))
		}
	})
	return n
}

// launch starts the node at three addresses, and waits until it listens.
func (n *node) launch(addr, rpc, view string) {
	n.t.Helper()
	n.start(append([]string{"start", "-listen", addr, "-rpc", rpc, "-view", view, "-data", n.data}, n.args...)...)
}

// start starts the process with a command, and waits until it listens.
func (n *node) start(command ...string) {
	n.t.Helper()
	n.cmd = exec.Command(program, append(command, "-log", "text")...)
	stderr, err := n.cmd.StderrPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}

	ended := make(chan struct{})
	n.ended = ended
	n.mu.Lock()
	n.log = nil
	n.mu.Unlock()
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			n.hear(lines.Text())
		}
		n.cmd.Wait()
	}()

	line := n.awaitLog("msg=listening")
	found, page := listeningPattern.FindStringSubmatch(line), pagePattern.FindStringSubmatch(line)
	if found == nil || page == nil {
		n.t.Fatalf("the node does not say where it listens: %s", line)
	}
	n.addr, n.rpc, n.page = found[1], found[2], page[1]
}

// restart starts a node that has ended once more, on the ports that it had.
func (n *node) restart() {
	n.t.Helper()
	n.launch(n.addr, n.rpc, strings.TrimPrefix(n.page, "http://"))
}

func (n *node) hear(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.log = append(n.log, line)
	close(n.said)
	n.said = make(chan struct{})
}

func (n *node) lines() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.log...)
}

// await waits until ok, which is asked again whenever the node logs something
// and, since it logs not everything, every second.
func (n *node) await(what string, ok func() bool) {
	n.t.Helper()
	limit := time.After(patience)
	for {
		n.mu.Lock()
		said := n.said
		n.mu.Unlock()
		if ok() {
			return
		}
		select {
		case <-said:
		case <-time.After(time.Second):
		case <-n.ended:
			n.t.Fatalf("the node ends: no %s\n%s", what, strings.Join(n.lines(), "\n"))
		case <-limit:
			n.t.Fatalf("no %s\n%s", what, strings.Join(n.lines(), "\n"))
		}
	}
}

// awaitLog waits for a line with some text in the log of the node's run.
func (n *node) awaitLog(text string) (line string) {
	n.t.Helper()
	n.await(text, func() bool {
		lines := n.lines()
		i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, text) })
		if i >= 0 {
			line = lines[i]
		}
		return i >= 0
	})
	return line
}

// awaitTip waits until the node's chain ends as that of another.
func (n *node) awaitTip(other *node) {
	n.t.Helper()
	n.await("agreement", func() bool {
		ours, theirs := get[view.Status](n, "/api/status"), get[view.Status](other, "/api/status")
		return ours.Tip == theirs.Tip && ours.Tip != ""
	})
}

// get returns what the page's server answers to a path.
func get[T any](n *node, path string) (answer T) {
	n.t.Helper()
	response, err := http.Get(n.page + path)
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &answer); err != nil || response.StatusCode != http.StatusOK {
		n.t.Fatalf("GET %s: status %s, %v: %s", path, response.Status, err, body)
	}
	return answer
}

// interrupt stops a node as Ctrl+C does.
func (n *node) interrupt() {
	n.t.Helper()
	if err := n.cmd.Process.Signal(os.Interrupt); err != nil {
		n.t.Fatal(err)
	}
	select {
	case <-n.ended:
	case <-time.After(patience):
		n.t.Fatal("the node does not end when it is interrupted")
	}
}

// kill ends a node at once, wherever it is.
func (n *node) kill() {
	n.cmd.Process.Kill() // if it is there
	<-n.ended
	for _, line := range n.lines() {
		if strings.Contains(line, "panic: ") || strings.Contains(line, "DATA RACE") {
			n.t.Errorf("the node: %s\n%s", line, strings.Join(n.lines(), "\n"))
		}
	}
}

// run types a command on the node's machine, which must succeed, and returns
// what it prints to stdout.
func (n *node) run(args ...string) string {
	n.t.Helper()
	return runProgram(n.t, append(args, "-rpc", n.rpc)...)
}

func runProgram(t testing.TB, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("$ %s: %v: %s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String()
}

// address types a command and returns the first address that it prints.
func (n *node) address(args ...string) string {
	n.t.Helper()
	out := n.run(args...)
	address := addressPattern.FindString(out)
	if address == "" {
		n.t.Fatalf("$ %s: no address in %s", strings.Join(args, " "), out)
	}
	return address
}

// pay sends coins from an address to another.
func (n *node) pay(from, to string, amount int) {
	n.t.Helper()
	n.run("send", "--from", from, "--to", to, "--amount", fmt.Sprint(amount))
}

// pool returns the transactions that wait, as the command prints them.
func (n *node) pool() []view.PoolTx {
	n.t.Helper()
	return get[struct{ Pool []view.PoolTx }](n, "/api/pool").Pool
}
