package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The transcripts of each page, replayed against real nodes on loopback.
func TestDocsTranscripts(t *testing.T) {
	for _, path := range pagePaths(t) {
		steps, err := readPage(t, path).steps()
		if err != nil {
			t.Error(err)
		}
		if len(steps) == 0 {
			continue
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			for _, step := range steps {
				if err := s.do(step); err != nil {
					t.Fatalf("%s:%d: %s: %v", path, step.line, step.command, err)
				}
			}
		})
	}
}

// A step is a command of a transcript, and what it should print. The command
// "^C" stops a node, and "log" looks at what nodes have printed meanwhile.
type step struct {
	line    int
	machine string
	command string
	want    []string
}

// steps returns what the transcripts of a page do.
func (p *page) steps() (steps []step, err error) {
	for _, f := range p.fences {
		switch {
		case f.keyword == "log":
			machine := strings.Join(f.args, "")
			steps = append(steps, step{f.start + 1, machine, "log", p.lines[f.start+1 : f.end]})
		case f.language != "console" || f.keyword == "commands":
		default:
			for i := f.start + 1; i < f.end; i++ {
				line := p.lines[i]
				if m := interruptPattern.FindStringSubmatch(line); m != nil {
					steps = append(steps, step{i + 1, m[1], "^C", nil})
				} else if m := promptPattern.FindStringSubmatch(line); m != nil {
					steps = append(steps, step{i + 1, m[1], m[2], nil})
				} else if i == f.start+1 {
					return nil, errors.New(p.faultf(i, "console fence does not begin with a command"))
				} else {
					last := &steps[len(steps)-1]
					last.want = append(last.want, line)
				}
			}
		}
	}
	return steps, nil
}

const transcriptLimit = time.Minute // for one step: nodes have that long to agree

// A session is a transcript under way. Its nodes listen on ports that the
// system chooses, and keep their data in temporary directories.
type session struct {
	t     testing.TB
	news  *broadcast        // something was printed
	nodes []*transcriptNode // in the order of their start
	dirs  map[string]string // working directory of a machine

	bound map[string]string // address, hash or ID in the transcript → in this run
	taken map[string]string // the other way round
}

// A transcriptNode is a `start` under way.
type transcriptNode struct {
	machine string
	rpc     string // in the transcript
	realRPC string // "" once it has ended
	linked  bool   // to other nodes of the transcript
	screen  *screen
	stop    context.CancelFunc
	ended   chan int // exit code
}

func newSession(t testing.TB) *session {
	s := &session{
		t: t, news: &broadcast{more: make(chan struct{})},
		dirs: make(map[string]string), bound: make(map[string]string), taken: make(map[string]string),
	}
	t.Cleanup(func() {
		for _, n := range s.nodes {
			if err := n.end(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// end stops a node and waits for it.
func (n *transcriptNode) end() error {
	if n.realRPC == "" {
		return nil
	}
	n.realRPC = ""
	n.stop()
	if code := <-n.ended; code != 0 {
		return fmt.Errorf("start ends with exit code %d: %s", code, n.screen.text())
	}
	return nil
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
func (s *session) await(try func() (again bool, err error)) error {
	limit := time.After(transcriptLimit)
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
		}
	}
}

func (s *session) do(p step) error {
	words := commandWords(p.command)
	switch {
	case p.command == "^C":
		return s.interrupt(p.machine)
	case p.command == "log":
		return s.await(func() (bool, error) { return true, s.checkLog(p) })
	case len(words) > 3 && words[0] == "go" && words[1] == "run" && words[2] == "." && words[3] == "start" && !slices.Contains(words, "-h"):
		return s.start(p, words[4:])
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == ".":
		return s.run(p, words[3:])
	case words[0] == "go" && words[1] == "test":
		return checkTestOutput(p.want)
	case slices.Contains([]string{"ls", "cat", "rm"}, words[0]):
		got, err := s.fileCommand(p.machine, words)
		return cmp.Or(err, s.match(p.want, got))
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
func (s *session) dir(machine string) string {
	if s.dirs[machine] == "" {
		s.dirs[machine] = s.t.TempDir()
	}
	return s.dirs[machine]
}

// fileCommand is ls, cat or rm -r of one local path.
func (s *session) fileCommand(machine string, words []string) (string, error) {
	path := words[len(words)-1]
	if len(words) == 1 || !filepath.IsLocal(path) {
		return "", errors.New("want one path below the working directory")
	}
	path = filepath.Join(s.dir(machine), path)
	var out strings.Builder
	switch words[0] {
	case "rm":
		return "", os.RemoveAll(path)
	case "cat":
		text, err := os.ReadFile(path)
		return string(text), err
	}
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		fmt.Fprintln(&out, e.Name())
	}
	return out.String(), err
}

var listeningPattern = regexp.MustCompile(`msg=listening addr=(\S+) rpc=(\S+)`)

// start runs a node, and waits until it has printed what it should.
func (s *session) start(p step, words []string) error {
	if i := slices.Index(words, "-bootstrap"); i >= 0 {
		for addr := range strings.SplitSeq(words[i+1], ",") {
			if s.bound[addr] == "" {
				return fmt.Errorf("no node of the transcript is at %s", addr)
			}
			words[i+1] = strings.ReplaceAll(words[i+1], addr, s.bound[addr])
		}
	}
	c, _ := findCommand("start")
	o := &options{stdout: io.Discard, stderr: io.Discard}
	if err := c.parse(o, words); err != nil {
		return err
	}
	if s.node(p.machine, o.rpc) != nil {
		return fmt.Errorf("a node with -rpc %s is running", o.rpc)
	}
	n := &transcriptNode{machine: p.machine, rpc: o.rpc, linked: len(o.node.Bootstrap) > 0, screen: &screen{news: s.news}}
	addr, err := s.launch(n, append(words, "-data", filepath.Join(s.dir(p.machine), o.node.Data)))
	if err != nil {
		return err
	}
	for _, other := range s.nodes {
		other.linked = other.linked || n.linked
	}
	err = s.await(func() (bool, error) { return true, s.matchLines(p.want, s.asWritten(p.machine, n.screen.text())) })
	_, port, _ := strings.Cut(o.node.Listen, ":")
	if local := "127.0.0.1:" + port; s.bound[local] == "" && s.taken[addr] == "" {
		s.bound[local], s.taken[addr] = addr, local
	}
	return err
}

// launch starts a node on free ports, and returns its address.
func (s *session) launch(n *transcriptNode, flags []string) (addr string, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	n.stop, n.ended = cancel, make(chan int, 1)
	args := slices.Concat([]string{"start"}, flags, []string{"-listen", "127.0.0.1:0", "-rpc", "127.0.0.1:0"})
	go func() {
		n.ended <- run(ctx, args, n.screen, n.screen)
		s.news.send()
	}()
	err = s.await(func() (bool, error) {
		m := listeningPattern.FindStringSubmatch(n.screen.text())
		if m == nil {
			return len(n.ended) == 0, fmt.Errorf("node does not start: %s", n.screen.text())
		}
		addr, n.realRPC = m[1], m[2]
		return false, nil
	})
	if err != nil {
		cancel()
		<-n.ended
		return "", err
	}
	s.nodes = append(s.nodes, n)
	return addr, nil
}

// node returns the running node of a machine that has an RPC address in the
// transcript, or nil.
func (s *session) node(machine, rpc string) *transcriptNode {
	for _, n := range s.nodes {
		if n.machine == machine && n.rpc == rpc && n.realRPC != "" {
			return n
		}
	}
	return nil
}

// interrupt stops the node of a machine that was started last.
func (s *session) interrupt(machine string) error {
	for _, n := range slices.Backward(s.nodes) {
		if n.machine == machine && n.realRPC != "" {
			return n.end()
		}
	}
	return errors.New("no node is running")
}

func (s *session) checkLog(p step) error {
	var all string
	for _, n := range s.nodes {
		if n.machine == p.machine {
			all += n.screen.text()
		}
	}
	return s.matchLines(p.want, all)
}

// run runs any other command. Blocks and transactions take their time to
// reach the other nodes, which a reader hardly sees: a command that only looks
// is run again until it prints what it should, and so is one that fails. One
// that changes something first waits until the nodes agree.
func (s *session) run(p step, words []string) error {
	looks := !slices.Contains([]string{"genesis_block", "createwallet", "send", "demo"}, words[0])
	if !looks {
		s.settle()
	}
	if words[0] == "demo" && len(p.want) == 0 {
		return nil // its own test plays it
	}
	return s.await(func() (bool, error) {
		all, stdout, code := s.output(p.machine, words)
		err := s.match(p.want, all)
		if err != nil && code == 0 && s.match(p.want, stdout) == nil { // hints may be left out
			err = nil
		}
		if len(p.want) == 0 { // not shown: it need only succeed
			err = nil
			if code != 0 {
				err = fmt.Errorf("exit code %d: %s", code, all)
			}
		}
		return looks || code != 0, err
	})
}

// output runs a command against the node that it names, and returns what the
// terminal shows, how much of it is the result, and the exit code.
func (s *session) output(machine string, words []string) (all, stdout string, code int) {
	args := slices.Clone(words)
	for i := range args {
		args[i] = s.toReal(args[i])
	}
	const nobody = "127.0.0.1:0" // a connection to port 0 is refused
	rpc, i := defaultRPC, slices.Index(args, "-rpc")
	if i >= 0 && i+1 < len(args) {
		rpc = args[i+1]
		args = slices.Delete(args, i, i+2)
	}
	addr := nobody
	if n := s.node(machine, rpc); n != nil {
		addr = n.realRPC
	}
	if _, ok := findCommand(words[0]); ok && words[0] != "demo" { // the others ask no node
		args = slices.Insert(args, 1, "-rpc", addr)
	}
	var both, results bytes.Buffer
	code = run(context.Background(), args, io.MultiWriter(&both, &results), &both)
	written := func(b *bytes.Buffer) string {
		return strings.ReplaceAll(s.asWritten(machine, b.String()), nobody, rpc)
	}
	return written(&both), written(&results), code
}

// asWritten replaces the RPC addresses in what a command printed by those of
// the transcript.
func (s *session) asWritten(machine, text string) string {
	for _, n := range s.nodes {
		if n.machine == machine && n.realRPC != "" {
			text = strings.ReplaceAll(text, n.realRPC, n.rpc)
		}
	}
	return strings.ReplaceAll(text, " -rpc "+defaultRPC, "")
}

// toReal replaces what is bound in a word of a command.
func (s *session) toReal(word string) string {
	return tokenPattern.ReplaceAllStringFunc(word, func(token string) string { return cmp.Or(s.bound[token], token) })
}

// settle waits until the linked nodes have the same height and pool. It gives
// up silently, since a transcript may be about nodes that never agree.
func (s *session) settle() {
	limit := time.Now().Add(transcriptLimit / 6)
	_ = s.await(func() (bool, error) {
		states := make(map[string]bool)
		for _, n := range s.nodes {
			if n.realRPC == "" || !n.linked {
				continue
			}
			height, _, _ := s.output(n.machine, []string{"print", "1000000000", "-rpc", n.rpc}) // the error names the tip
			pooled, _, _ := s.output(n.machine, []string{"pool", "-rpc", n.rpc})
			states[height+pooled] = true
			if peers, _, _ := s.output(n.machine, []string{"peers", "-rpc", n.rpc}); !strings.Contains(peers, "height") {
				states["alone: "+n.machine+n.rpc] = true
			}
		}
		return time.Now().Before(limit), map[bool]error{true: errors.New("nodes differ")}[len(states) > 1]
	})
}

// tokenPattern is what differs from run to run. The first two groups are
// names, which must stay the same within a transcript; of the rest only the
// form counts.
var tokenPattern = regexp.MustCompile(`(\b[0-9a-f]{40,128}\b)` + // hash, Kademlia ID, key, signature
	`|(\b1[1-9A-HJ-NP-Za-km-z]{25,33}\b|\b\d+\.\d+\.\d+\.\d+:\d+\b)` + // address of a wallet or node
	`|(\b(?:time|addr|rpc|data)=\S+|-(?:listen|rpc|data) \S+)` +
	`|(\b\d{10}(?:\.\d+)?\b)` + // seconds since 1970
	`|("nonce": \d+)` +
	`|(\b\d+(?:\.\d+)? ?m?s\b)` + // a duration
	`|(\b[0-9a-f]{4}…)`)

// match compares what a command printed with the transcript, and binds the
// names that appear for the first time.
func (s *session) match(want []string, got string) error {
	lines := strings.Split(strings.TrimRight(got, "\n"), "\n")
	if got == "" {
		lines = nil
	}
	if len(lines) != len(want) {
		return fmt.Errorf("got %d lines, want %d:\n%s", len(lines), len(want), got)
	}
	bound, taken := maps.Clone(s.bound), maps.Clone(s.taken)
	for i := range want {
		if err := s.matchLine(want[i], lines[i]); err != nil {
			s.bound, s.taken = bound, taken
			return err
		}
	}
	return nil
}

// matchLines is match where other lines may stand between those wanted.
func (s *session) matchLines(want []string, got string) error {
	lines := strings.Split(got, "\n")
	for _, line := range want {
		i := slices.IndexFunc(lines, func(l string) bool { return s.match([]string{line}, l) == nil })
		if i < 0 {
			return fmt.Errorf("no line %s\nin %s", line, got)
		}
		lines = lines[i+1:]
	}
	return nil
}

func (s *session) matchLine(want, got string) error {
	w, g := tokenPattern.FindAllStringSubmatchIndex(want, -1), tokenPattern.FindAllStringSubmatchIndex(got, -1)
	differs := fmt.Errorf("\n got %s\nwant %s", got, want)
	if len(w) != len(g) {
		return differs
	}
	wantAt, gotAt := 0, 0
	for i := range w {
		if want[wantAt:w[i][0]] != got[gotAt:g[i][0]] {
			return differs
		}
		wantAt, gotAt = w[i][1], g[i][1]
		wantToken, gotToken := want[w[i][0]:wantAt], got[g[i][0]:gotAt]
		for group := 2; group < len(w[i]); group += 2 {
			if w[i][group] < 0 != (g[i][group] < 0) {
				return differs
			}
		}
		isHex, isAddress := w[i][2] >= 0, w[i][4] >= 0
		if isHex && len(wantToken) != len(gotToken) {
			return differs
		}
		if (isHex || isAddress) && !s.bind(wantToken, gotToken) {
			return fmt.Errorf("%s was %s before\n got %s\nwant %s", wantToken, cmp.Or(s.bound[wantToken], s.taken[gotToken]), got, want)
		}
	}
	if want[wantAt:] != got[gotAt:] {
		return differs
	}
	return nil
}

// bind notes that a name of the transcript is another one in this run.
func (s *session) bind(want, got string) bool {
	if s.bound[want] == "" && s.taken[got] == "" {
		s.bound[want], s.taken[got] = got, want
	}
	return s.bound[want] == got && s.taken[got] == want
}

func TestDocsMatch(t *testing.T) {
	const a, b, c = "14sQYjj3n2fReJyVNoqHCmCFjNKEZAVcEB", "19zR4zT9eSFsbSNvnQ1RCrhjN71VzPFTnH", "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r"
	tests := []struct {
		name, want, got string
		ok              bool
	}{
		{"same", "pool 1 of 2", "pool 1 of 2", true},
		{"other words", "pool 1 of 2", "pool 2 of 2", false},
		{"other address", a + " balance is 1", b + " balance is 1", true},
		{"address again", a + " " + a, b + " " + b, true},
		{"one address for two", a + " " + b, c + " " + c, false},
		{"two addresses for one", a + " " + a, b + " " + c, false},
		{"other balance", a + " balance is 1", b + " balance is 2", false},
		{"no address", "Wallet address is " + a, "Wallet address is hello", false},
		{"nonce and time", `"timestamp": "1551347915.3271294", "nonce": 3`, `"timestamp": "1700000000.1", "nonce": 31`, true},
		{"other height", `"height": 1, "nonce": 3`, `"height": 2, "nonce": 3`, false},
		{"hash of another length", strings.Repeat("a", 64), strings.Repeat("b", 40), false},
		{"hash", strings.Repeat("a", 64), strings.Repeat("b", 64), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := newSession(t).match([]string{tt.want}, tt.got+"\n"); (err == nil) != tt.ok {
				t.Errorf("got %v, want success %v", err, tt.ok)
			}
		})
	}
}
