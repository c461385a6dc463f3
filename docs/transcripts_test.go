package docs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The transcripts of each page, replayed against real nodes on loopback: what
// a reader types prints what the page shows.
func TestDocsTranscripts(t *testing.T) {
	skipWithoutNodes(t)
	watchSources(t)

	var chapters, others []*page
	for _, path := range pagePaths(t) {
		if p := readPage(t, path); p.chapterNumber() > 0 {
			chapters = append(chapters, p)
		} else {
			others = append(others, p)
		}
	}

	t.Run("course", func(t *testing.T) { // first, since it takes longest
		t.Parallel()
		replayCourse(t, chapters)
	})
	for _, p := range others {
		t.Run(p.path, func(t *testing.T) {
			t.Parallel()
			newStory(t).replay(t, p)
		})
	}
}

func skipWithoutNodes(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs nodes")
	}
	if runtime.GOOS == "windows" {
		t.Skip("one process cannot send another ^C")
	}
}

// A step is a command of a transcript, and what it should print. The command
// "^C" stops a node, and "log" looks at what nodes have printed meanwhile.
type step struct {
	line    int
	prompt  string // "", "T1" or "A"
	command string
	want    []string
}

// steps returns what the transcripts of a page do.
func (p *page) steps() (steps []step, err error) {
	for _, f := range p.fences {
		switch {
		case f.keyword == "log":
			steps = append(steps, step{f.start + 1, strings.Join(f.args, ""), "log", p.lines[f.start+1 : f.end]})
		case f.language == "console" && f.keyword != "commands":
			typed, err := p.transcript(f)
			if err != nil {
				return nil, err
			}
			steps = append(steps, typed...)
		}
	}
	return steps, nil
}

// transcript returns the steps of one console fence.
func (p *page) transcript(f fence) (steps []step, err error) {
	for i := f.start + 1; i < f.end; i++ {
		line := p.lines[i]
		if m := interruptPattern.FindStringSubmatch(line); m != nil {
			steps = append(steps, step{i + 1, m[1], "^C", nil})
		} else if m := promptPattern.FindStringSubmatch(line); m != nil {
			steps = append(steps, step{i + 1, m[1], m[2], nil})
		} else if len(steps) == 0 {
			return nil, errors.New(p.faultf(i, "console fence does not begin with a command"))
		} else {
			last := &steps[len(steps)-1]
			last.want = append(last.want, line)
		}
	}
	return steps, nil
}

const stepLimit = 30 * time.Second // nodes have that long to agree

// A story is a transcript under way: machines, each with a directory of its
// own, the nodes that run on them, and the names that have come up so far.
// Nodes listen on ports that the system chooses.
type story struct {
	*names
	t      testing.TB
	ctx    context.Context   // of every process; ends with the test
	news   *broadcast        // something was printed
	dirs   map[string]string // working directory of a machine
	cloned bool              // machine "" works in a clone of the repository
	nodes  []*node           // in the order of their start
}

// A node is a `start` under way, or another command that runs on.
type node struct {
	machine string
	prompt  string // where it was started
	rpc     string // address of its command port in the transcript
	realRPC string // and in this run; "" once it has ended
	linked  bool   // to other nodes of the transcript
	running bool
	want    []string // what it should have printed when it ends
	screen  *screen
	stop    context.CancelFunc
	ended   chan struct{} // closed when err is set
	err     error         // how the process ended
}

func newStory(t *testing.T) *story {
	ctx := t.Context()
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-2*killAfter)) // go test would leave processes behind
		t.Cleanup(cancel)
	}
	return &story{names: newNames(), t: t, ctx: ctx, news: &broadcast{more: make(chan struct{})}, dirs: make(map[string]string)}
}

// A broadcast wakes everyone who waits for more.
type broadcast struct {
	mu   sync.Mutex // guards more
	more chan struct{}
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.more)
	b.more = make(chan struct{})
}

func (b *broadcast) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.more
}

// A screen is what a terminal shows.
type screen struct {
	news *broadcast
	mu   sync.Mutex // guards buf
	buf  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	defer s.news.send()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// await tries again, whenever something was printed and now and then, until
// try succeeds or has no hope.
func (s *story) await(try func() (again bool, err error)) error {
	limit := time.After(stepLimit)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		news := s.news.next()
		again, err := try()
		if err == nil || !again {
			return err
		}
		select {
		case <-news:
		case <-tick.C:
		case <-limit:
			return err
		case <-s.ctx.Done():
			return errors.Join(err, s.ctx.Err())
		}
	}
}

// replay does all that a page says, and stops what still runs at its end.
func (s *story) replay(t *testing.T, p *page) {
	steps, err := p.steps()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.turnPage(); err != nil {
			t.Errorf("%s: %v", p.path, err)
		}
	}()
	for _, step := range steps {
		if err := s.do(step); err != nil {
			t.Fatalf("%s:%d: %s: %v", p.path, step.line, step.command, err)
		}
	}
}

// do does what a step says, and compares what is printed.
func (s *story) do(p step) error {
	words := commandWords(p.command)
	isRun := len(words) > 2 && words[0] == "go" && words[1] == "run"
	isNode := isRun && words[2] == "."
	switch {
	case p.command == "^C":
		return s.interrupt(p.prompt)
	case p.command == "log":
		return s.await(func() (bool, error) { return true, s.matchLines(p.want, s.logOf(machineOf(p.prompt))) })
	case isNode && runsOn(p.command) && words[3] == "start":
		return s.start(p, words[4:])
	case isNode && runsOn(p.command):
		args, _ := s.realArgs(machineOf(p.prompt), words[3:])
		return s.watch(p, built, args)
	case isNode && len(words) > 3 && words[3] == "demo" && len(p.want) == 0:
		return nil // its own test plays it
	case isNode:
		return s.run(p, words[3:])
	case isRun && strings.HasPrefix(words[2], "./"):
		return s.runProgram(p, words[2], words[3:])
	case words[0] == "go" && words[1] == "test":
		return checkTestOutput(p.want)
	case slices.Contains([]string{"ls", "cat", "rm"}, words[0]):
		got, err := s.fileCommand(machineOf(p.prompt), words)
		if err != nil {
			return err
		}
		return s.match(p.want, got)
	case len(p.want) > 0:
		return errors.New("output of this command cannot be checked")
	}
	return nil
}

var testOutputPattern = regexp.MustCompile(`^(=== RUN +\S+|--- PASS: \S+ \(\d+\.\d\ds\)|PASS|ok +\t?gosimpleblockchain\S*\s+\d+\.\d+s)$`)

// checkTestOutput checks the form only: the test itself runs beside this one.
func checkTestOutput(want []string) error {
	for _, line := range want {
		if !testOutputPattern.MatchString(line) {
			return fmt.Errorf("go test does not print %q", line)
		}
	}
	return nil
}

// dir returns the directory in which a machine's commands run.
func (s *story) dir(machine string) string {
	if s.dirs[machine] == "" {
		s.dirs[machine] = s.t.TempDir()
	}
	return s.dirs[machine]
}

// fileCommand is ls, cat or rm -r of one local path.
func (s *story) fileCommand(machine string, words []string) (string, error) {
	path := words[len(words)-1]
	if len(words) == 1 || !filepath.IsLocal(path) {
		return "", errors.New("want one path below the working directory")
	}
	path = filepath.Join(s.dir(machine), path)
	if info, err := os.Stat(path); err == nil && words[0] == "ls" && !info.IsDir() {
		return words[len(words)-1] + "\n", nil
	}
	switch words[0] {
	case "rm":
		return "", os.RemoveAll(path)
	case "cat":
		text, err := os.ReadFile(path)
		return string(text), err
	}
	var names strings.Builder
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		fmt.Fprintln(&names, e.Name())
	}
	return names.String(), err
}

// start starts a node, and waits until it has printed what it should.
func (s *story) start(p step, words []string) error {
	flags, err := built.flags("start")
	if err != nil {
		return err
	}
	if err := flags.Parse(words); err != nil {
		return err
	}
	value := func(name string) string { return flags.Lookup(name).Value.String() }
	machine := machineOf(p.prompt)
	if s.node(machine, value("rpc")) != nil {
		return fmt.Errorf("a node with -rpc %s is running", value("rpc"))
	}

	n := &node{machine: machine, prompt: p.prompt, rpc: value("rpc"), screen: &screen{news: s.news}, ended: make(chan struct{})}
	args := []string{"start"}
	for _, word := range words {
		args = append(args, s.real(word))
	}
	if seeds := value("bootstrap"); seeds != "" {
		n.linked = true
		for addr := range strings.SplitSeq(seeds, ",") {
			if s.bound[addr] == "" {
				return fmt.Errorf("no node of the transcript is at %s", addr)
			}
		}
		for _, other := range s.nodes {
			other.linked = true
		}
	}
	addr, err := s.launch(n, append(args, strings.Fields(freePorts)...))
	if err != nil {
		return err
	}

	// It may print its address, and give it a name thereby. If it does not,
	// the first node on a port is the one that others join on this machine.
	err = s.await(func() (bool, error) {
		return true, s.matchLines(onThisMachine(p.want), s.asWritten(machine, n.screen.text()))
	})
	_, port, _ := strings.Cut(value("listen"), ":")
	if local := "127.0.0.1:" + port; s.bound[local] == "" && s.taken[addr] == "" {
		s.bind(local, addr)
	}
	return err
}

// onThisMachine leaves out what a node prints for a second machine: those of
// the test listen on loopback, which no other machine reaches.
func onThisMachine(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.HasPrefix(line, "On a second machine: ")
	})
}

// freePorts is what the test adds to each `start`.
const freePorts = " -listen 127.0.0.1:0 -rpc 127.0.0.1:0"

var listeningPattern = regexp.MustCompile(`listens on (\S+); commands on (\S+);`)

// launch starts a node's process, and returns the node's address once it
// listens.
func (s *story) launch(n *node, args []string) (addr string, err error) {
	if err := s.spawn(n, built, args); err != nil {
		return "", err
	}
	err = s.await(func() (bool, error) {
		if m := listeningPattern.FindStringSubmatch(n.screen.text()); m != nil {
			addr, n.realRPC = m[1], m[2]
			return false, nil
		}
		select {
		case <-n.ended:
			return false, fmt.Errorf("start: %w", n.err)
		default:
			return true, fmt.Errorf("node does not listen: %s", n.screen.text())
		}
	})
	return addr, err
}

// spawn starts a process, which ends with the test, if not before.
func (s *story) spawn(n *node, program *program, args []string) error {
	dir := s.dir(n.machine) // made before the cleanup below is registered, so removed after the node's end
	ctx, stop := context.WithCancel(s.ctx)
	cmd, err := program.start(ctx, dir, n.screen, args)
	if err != nil {
		stop()
		return err
	}
	n.stop, n.running = stop, true
	go func() {
		n.err = cmd.Wait()
		close(n.ended)
		s.news.send()
	}()
	s.t.Cleanup(func() {
		if err := n.end(); err != nil {
			s.t.Error(err)
		}
	})
	s.nodes = append(s.nodes, n)
	return nil
}

// watch starts a command that tells what happens until it is stopped. Then it
// should have printed what the transcript shows.
func (s *story) watch(p step, program *program, args []string) error {
	n := &node{machine: machineOf(p.prompt), prompt: p.prompt, want: p.want, screen: &screen{news: s.news}, ended: make(chan struct{})}
	return s.spawn(n, program, args)
}

// end interrupts a node and waits for its end.
func (n *node) end() error {
	n.realRPC, n.running = "", false
	n.stop()
	<-n.ended
	if n.err != nil && !errors.Is(n.err, context.Canceled) {
		return fmt.Errorf("it ends with %w: %s", n.err, n.screen.text())
	}
	return nil
}

// node returns the running node of a machine that has an RPC address in the
// transcript, or nil.
func (s *story) node(machine, rpc string) *node {
	for _, n := range s.nodes {
		if n.machine == machine && n.rpc == rpc && n.realRPC != "" {
			return n
		}
	}
	return nil
}

// interrupt stops what was started last in a terminal, or on a machine.
func (s *story) interrupt(prompt string) error {
	for _, n := range slices.Backward(s.nodes) {
		isThere := n.prompt == prompt || !isTerminal(prompt) && n.machine == machineOf(prompt)
		if n.running && isThere {
			return s.end(n)
		}
	}
	return errors.New("nothing is running")
}

// end stops a node once it has printed what it should.
func (s *story) end(n *node) error {
	err := s.await(func() (bool, error) {
		return true, s.matchLines(n.want, s.asWritten(n.machine, n.screen.text()))
	})
	return errors.Join(err, n.end())
}

// turnPage stops all that runs. What follows is another page, whose nodes are
// others.
func (s *story) turnPage() (err error) {
	for _, n := range slices.Backward(s.nodes) {
		if n.running {
			err = errors.Join(err, s.end(n))
		}
	}
	s.nodes = nil
	s.forget()
	return err
}

// logOf returns what the nodes of a machine have printed.
func (s *story) logOf(machine string) (text string) {
	for _, n := range s.nodes {
		if n.machine == machine && n.rpc != "" {
			text += n.screen.text()
		}
	}
	return text
}

// run runs any other command. Blocks and transactions take their time to
// reach the other nodes, which a reader hardly sees: a command that only looks
// is run again until it prints what it should, and so is one that fails. One
// that changes something first waits until the nodes agree.
func (s *story) run(p step, words []string) error {
	changes := slices.Contains([]string{"genesis_block", "createwallet", "send", "mine", "demo", "attack", "lab"}, words[0])
	if changes {
		s.settle()
	}
	return s.await(func() (again bool, err error) {
		got, err := s.output(machineOf(p.prompt), words)
		if err != nil {
			return false, err
		}
		return !changes || got.code != 0, s.check(p.want, got)
	})
}

// check compares the result of a command with the transcript, in which hints
// may be left out. A command without output there need only succeed.
func (s *story) check(want []string, got result) error {
	if len(want) == 0 {
		if got.code != 0 {
			return fmt.Errorf("exit code %d: %s", got.code, got.stdout+got.stderr)
		}
		return nil
	}
	if last := len(want) - 1; got.code != 0 && want[last]+"\n" == got.exitStatus() {
		want = want[:last] // go run prints it, and the program that the test built does not
	}
	err := s.match(want, got.stdout+got.stderr)
	if err != nil && got.code == 0 && s.match(want, got.stdout) == nil {
		return nil
	}
	return err
}

// nobody is an address at which no node is: a connection to port 0 is refused.
const nobody = "127.0.0.1:0"

// realArgs returns the arguments of a command, with the names of this run and
// the node that it asks, and how the transcript names that node.
func (s *story) realArgs(machine string, words []string) (args []string, rpc string) {
	for _, word := range words {
		args = append(args, s.real(word))
	}

	rpc = s.defaultRPC()
	if i := slices.Index(args, "-rpc"); i >= 0 && i+1 < len(args) {
		rpc = words[i+1]
		args = slices.Delete(args, i, i+2)
	}
	addr := nobody
	if n := s.node(machine, rpc); n != nil {
		addr = n.realRPC
	}
	if flags, err := built.flags(words[0]); err == nil && flags.Lookup("rpc") != nil { // the others ask no node
		args = slices.Insert(args, 1, "-rpc", addr)
	}
	return args, rpc
}

// output runs a command against the node that it names, and returns what the
// terminal shows.
func (s *story) output(machine string, words []string) (result, error) {
	args, rpc := s.realArgs(machine, words)
	got, err := built.run(s.ctx, s.dir(machine), args)
	got.stdout = strings.ReplaceAll(s.asWritten(machine, got.stdout), nobody, rpc)
	got.stderr = strings.ReplaceAll(s.asWritten(machine, got.stderr), nobody, rpc)
	return got, err
}

// asWritten replaces the RPC addresses in what a command printed by those of
// the transcript.
func (s *story) asWritten(machine, text string) string {
	for _, n := range s.nodes {
		if n.machine == machine && n.realRPC != "" {
			text = strings.ReplaceAll(text, n.realRPC, n.rpc)
		}
	}
	text = strings.ReplaceAll(text, freePorts, "")
	return strings.ReplaceAll(text, " -rpc "+s.defaultRPC(), "")
}

// defaultRPC is the RPC address of a node and of a command that name none.
func (s *story) defaultRPC() string {
	flags, err := built.flags("start")
	if err != nil {
		s.t.Fatal(err)
	}
	return flags.Lookup("rpc").DefValue
}

// settle waits until the linked nodes have the same height and pool, and know
// of each other. It gives up silently, since a transcript may be about nodes
// that never agree.
func (s *story) settle() {
	limit := time.Now().Add(stepLimit / 3)
	_ = s.await(func() (bool, error) {
		states := make(map[string]bool)
		for _, n := range s.nodes {
			if n.realRPC != "" && n.linked {
				states[s.state(n)] = true
			}
		}
		if len(states) > 1 {
			return time.Now().Before(limit), errors.New("nodes differ")
		}
		return false, nil
	})
}

// state returns a node's height and pool, or something of its own if it has
// no peer.
func (s *story) state(n *node) string {
	ask := func(words ...string) string {
		got, err := s.output(n.machine, append(words, "-rpc", n.rpc))
		text := cmp.Or(got.stdout, fmt.Sprint(got.stderr, err))
		return strings.ReplaceAll(text, " -rpc "+n.rpc, "") // in a hint
	}
	if !strings.Contains(ask("peers"), "height") {
		return "alone: " + n.machine + n.rpc
	}
	return ask("print", "1000000000") + ask("pool") // the error names the last block
}
