package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A demonstration plays the tutorial's test section on two nodes.
type demonstration struct {
	out     *output
	options *options
	colours colours
	nodes   map[string]*Node
	known   map[string]string // what the commands printed: {G} and so on

	seen   map[string]uint64 // changes of each node that were told
	logged map[string]int    // events, by node and message
}

// A scene is one command of the demonstration.
type scene struct {
	text  string // what the reader should know before
	node  string
	line  string // the command
	want  string // what it prints, where {X} stands for one and the same text each time
	until string // node and message of an event to wait for
}

var scenes = []scene{
	{"A starts a chain. Its first block pays 1000 coins to a new wallet of A's.", "A", "genesis_block", "Genesis Wallet is: {G}", "B blocks synced"},
	{"Both nodes know.", "A", "balance {G}", "{G} balance is 1000", ""},
	{"", "B", "balance {G}", "{G} balance is 1000", ""},
	{"B makes a wallet.", "B", "createwallet", "Wallet address is {W}", ""},
	{"", "B", "printwallet", "Wallet are:\n\t{W}", ""},
	{"A pays B. The payment waits until the pool holds two.", "A", "send --from {G} --to {W} --amount 100", "send 100 from {G} to {W}", "B transaction pooled"},
	{"A pays the same again, with the same coin: only one payment can hold.", "A", "send --from {G} --to {W} --amount 100", "send 100 from {G} to {W}", "B blocks synced"},
	{"A has 1000 - 100, and 1000 for the block that it mined.", "A", "balance {G}", "{G} balance is 1900", ""},
	{"", "B", "balance {G}", "{G} balance is 1900", ""},
	{"", "A", "balance {W}", "{W} balance is 100", ""},
	{"", "B", "balance {W}", "{W} balance is 100", ""},
	{"And the block is the same on both.", "A", "print 1", "{H}", ""},
	{"", "B", "print 1", "{H}", ""},
}

// demo is the command: it succeeds only if every command prints what it does
// in the article. Ports and directories are the system's choice.
func demo(ctx context.Context, o *options) error {
	dir, err := os.MkdirTemp("", "demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	d := &demonstration{
		out:     o.stdout,
		options: o,
		colours: coloursFor(o.stdout.Writer),
		nodes:   make(map[string]*Node),
		known:   make(map[string]string),
		seen:    make(map[string]uint64),
		logged:  make(map[string]int),
	}
	err = d.run(ctx, dir)
	if ctx.Err() != nil {
		return errors.New("the demonstration was stopped")
	}
	return err
}

// run plays all scenes, on nodes whose data is in dir.
func (d *demonstration) run(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	d.say("1", d.options.say("Two nodes start on this machine. B is told where A is."))

	var running sync.WaitGroup
	defer running.Wait()
	defer cancel() // runs first
	var seeds []string
	for _, name := range []string{"A", "B"} {
		n, err := OpenNode(ctx, NodeConfig{
			Listen:    "127.0.0.1:0",
			RPC:       "127.0.0.1:0",
			PoolSize:  2,
			Data:      filepath.Join(dir, name),
			Bootstrap: seeds,
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		running.Go(func() { n.Run(ctx) })
		d.nodes[name] = n
		seeds = []string{n.Addr().String()}
	}

	for name := range d.nodes {
		if err := d.await(ctx, name+" peer connected", 0); err != nil {
			return err
		}
	}
	for _, s := range scenes {
		if err := d.play(ctx, s); err != nil {
			return err
		}
		if d.out.err != nil {
			return d.out.err
		}
	}

	d.say("1;32", "\n"+d.options.say("All as the article has it. Now start a node of your own: go run . start"))
	d.say("1;32", d.options.say("Or cut the wires between four of them, and see what they do: go run . lab"))
	return nil
}

// play runs one command, and compares what it prints with the article.
func (d *demonstration) play(ctx context.Context, s scene) error {
	if s.text != "" {
		d.say("1", "\n"+d.options.say(s.text))
	}

	line := s.line + " -rpc " + d.nodes[s.node].RPCAddr()
	for name, text := range d.known {
		line = strings.ReplaceAll(line, "{"+name+"}", text)
	}
	pattern := d.pattern(s.want)

	before := d.logged[s.until]
	d.say("36", s.node+"$ go run . "+line)
	var stdout, stderr strings.Builder
	code := run(ctx, append(strings.Fields(line), "-lang", d.options.language()), &stdout, &stderr)
	d.tellChanges()
	d.say("0", strings.TrimSuffix(stdout.String()+stderr.String(), "\n"))

	found := pattern.FindStringSubmatch(stdout.String())
	if code != 0 || found == nil {
		return fmt.Errorf("go run . %s: exit code %d, and not what the article says: %s", line, code, s.want)
	}
	for i, name := range pattern.SubexpNames() {
		if name != "" {
			d.known[name] = found[i]
		}
	}
	return d.await(ctx, s.until, before)
}

// pattern matches what a command should print: in place of {X} the text that is
// known for it, or any text, which is a group named X.
func (d *demonstration) pattern(want string) *regexp.Regexp {
	want = regexp.QuoteMeta(want)
	for name, text := range d.known {
		want = strings.ReplaceAll(want, `\{`+name+`\}`, regexp.QuoteMeta(text))
	}
	want = placeholder.ReplaceAllString(want, `(?P<$1>.+)`)
	return regexp.MustCompile("^" + want + "\n$")
}

var placeholder = regexp.MustCompile(`\\\{(\w)\\\}`)

// await waits until a node has logged a message, if any, more than count times.
func (d *demonstration) await(ctx context.Context, line string, count int) error {
	if line == "" {
		return nil
	}
	node, _, _ := strings.Cut(line, " ")
	for {
		news := d.nodes[node].events.news()
		d.tellChanges()
		if d.logged[line] > count {
			return nil
		}

		select {
		case <-news:
		case <-ctx.Done():
			return fmt.Errorf("wait for %q: %w", line, ctx.Err())
		}
	}
}

// tellChanges tells what the nodes have logged since it did so before, in the
// order of the time.
func (d *demonstration) tellChanges() {
	type change struct {
		node string
		record
	}
	var changes []change
	for name, n := range d.nodes {
		b := n.events.newChanges(d.seen[name])
		d.seen[name] = b.next
		for _, rec := range b.records {
			changes = append(changes, change{name, rec})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.time.Compare(b.time) })

	for _, c := range changes {
		d.logged[c.node+" "+c.message]++
		facts := c.factTexts()
		if toldTwice(c.message, facts) {
			continue
		}

		// A peer is one of the two: its name says more than its address.
		for name, n := range d.nodes {
			if facts["peer"] == n.Addr().String() {
				facts["peer"] = name
			}
		}
		const begin = "    . "
		text := c.node + " " + inLanguage(sentence(c.message, facts), d.options.chinese)
		d.say("2", begin+wrap(text, len(begin), "      "))
	}
}

// say prints a line, in a colour if the reader sees colours.
func (d *demonstration) say(ansi, text string) {
	fmt.Fprintln(d.out, d.colours.paint(ansi, text))
}
