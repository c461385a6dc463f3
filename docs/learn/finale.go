package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// finaleLimit is how long a node may take to follow a chain of a few blocks.
const finaleLimit = 30 * time.Second

// A finaleBlock is what the finale needs to know of a block.
type finaleBlock struct {
	raw    json.RawMessage
	Header struct {
		Height int
		Hash   string
	} `json:"block_header"`
}

// finale hands the chain of the student's step 6 to a real node, over the network,
// and shows what the node makes of it. With -data the node's files stay.
func finale(ctx context.Context, root string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("finale", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	data := flags.String("data", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return complain("finale takes nothing but -data DIR, which keeps the node's files in DIR.")
	}

	dir, err := os.MkdirTemp("", "finale-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	kept := filepath.Join(dir, "data")
	if *data != "" {
		kept = *data
		if !filepath.IsAbs(kept) { // as go run . start, typed in the project's directory, takes it
			kept = filepath.Join(root, kept)
		}
		if err := checkUnused(kept, *data); err != nil {
			return err
		}
	}

	program := finaleProgram(root, out)
	say(out, "I'm building %s and the node. That may take a moment.", program)
	node := filepath.Join(dir, "node.exe")
	if err := goBuild(ctx, root, ".", node); err != nil {
		return err
	}
	blocks, err := playStep(ctx, root, program, dir)
	if err != nil {
		return err
	}

	if err := prepareData(kept); err != nil {
		return err
	}
	if err := showAccepted(ctx, node, kept, blocks, out); err != nil {
		return err
	}
	if err := showRefused(ctx, node, filepath.Join(dir, "other"), blocks, out); err != nil {
		return err
	}

	say(out, "\nSo your chain is in a real node, and the node checks each byte of it as you do.")
	if *data != "" {
		say(out, "It's in %s, with everybody's keys. Go on with it: go run . start -data %s", *data, *data)
	} else {
		say(out, "To go on with it in a node of your own: %s finale -data _mine/data", learn)
	}
	say(out, "How nodes find each other, and how yours joins a classmate's, is chapter 7: docs/07-network.md")
	return nil
}

// finaleProgram says which step 6 to take: the student's, or else the course's.
func finaleProgram(root string, out io.Writer) string {
	const mine, theirs = "_mine/step6", "docs/step6"
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(mine))); err == nil {
		return mine
	}
	say(out, "You have no step 6 of your own yet, so I take the course's. To build yours: %s", learn)
	return theirs
}

// goBuild builds a package of the module at root.
func goBuild(ctx context.Context, root, dir, program string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "./"+dir)
	cmd.Dir = root
	text, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return explainNoGo()
	}
	if err != nil {
		return complain("%s doesn't compile:\n%s\nWhat's left to do there: %s check", dir, bytes.TrimSpace(text), learn)
	}
	return nil
}

// playStep has a step 6 play its story in a directory, command by command, and
// returns the blocks of the chain that comes of it.
func playStep(ctx context.Context, root, program, dir string) ([]finaleBlock, error) {
	path := filepath.Join(dir, "step6.exe")
	if err := goBuild(ctx, root, program, path); err != nil {
		return nil, err
	}
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, finaleLimit)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Dir = dir
		text := &boundedBuffer{most: maxOutput, whenFull: cancel}
		cmd.Stdout, cmd.Stderr = text, text
		err := cmd.Run()
		if text.isFull {
			err = complain("it prints and prints")
		} else if ctx.Err() != nil {
			err = complain("it's still running after %v: does each loop end?", finaleLimit)
		}
		return text.String(), err
	}

	story, err := run()
	if m := stubPattern.FindStringSubmatch(story); err != nil && m != nil {
		return nil, complain("%s isn't complete: %s is still empty. What to write there:\n  %s show %s\nTo go on with the program of the course, give that directory another name first.", program, m[1], learn, m[1])
	}
	if err != nil {
		return nil, complain("%s doesn't play its story to the end (%v):\n%s\nWhat's left to do there: %s check", program, err, lastLines(story, 12), learn)
	}
	for line := range strings.Lines(story) {
		command, isCommand := strings.CutPrefix(line, "> ")
		if !isCommand {
			continue
		}
		if text, err := run(strings.Fields(command)...); err != nil && strings.Contains(text, "panic:") {
			return nil, complain("%s panics at %q:\n%s", program, strings.TrimSpace(command), lastLines(text, 12))
		} // any other error is a theft that was refused
	}

	exported, err := run("export")
	if err != nil || exported == "" {
		return nil, complain("%s export should print each block of its chain as JSON, one a line. It prints:\n%s", program, lastLines(exported, 12))
	}
	return parseBlocks(exported)
}

// parseBlocks reads blocks as JSON, one a line.
func parseBlocks(text string) (blocks []finaleBlock, err error) {
	for line := range strings.Lines(text) {
		b := finaleBlock{raw: json.RawMessage(strings.TrimSpace(line))}
		if err := json.Unmarshal(b.raw, &b); err != nil {
			return nil, complain("export prints a line that is no block: %v\n%.200s", err, line)
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// lastLines returns the end of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return joinLines(lines[max(0, len(lines)-n):], n)
}

// showAccepted hands a chain to a node, and shows that the node has it.
func showAccepted(ctx context.Context, program, data string, blocks []finaleBlock, out io.Writer) error {
	p, err := openPeer(blocks)
	if err != nil {
		return err
	}
	defer p.close()
	n, err := startNode(ctx, program, data, p.addr().String())
	if err != nil {
		return err
	}
	defer n.stop()

	tip := blocks[len(blocks)-1].Header
	say(out, "\nA node without a chain listens at %s. I'm its peer at %s, and I have %d blocks for it.", n.addr, p.addr(), len(blocks))
	err = n.await(ctx, func() bool {
		header, err := n.run(ctx, "print", fmt.Sprint(tip.Height))
		return err == nil && strings.Contains(header, tip.Hash)
	})
	if err != nil {
		return complain("The node doesn't take them all: %v. This is what it says:\n%s", err, lastLines(n.screen.String(), 12))
	}

	for _, b := range blocks {
		header, err := n.run(ctx, "print", fmt.Sprint(b.Header.Height))
		if err != nil {
			return err
		}
		if !strings.Contains(header, b.Header.Hash) {
			return complain("Yours is block %d, %.8s, and the node has another one there: %s", b.Header.Height, b.Header.Hash, header)
		}
		say(out, "  block %d  %.8s  the node has it", b.Header.Height, b.Header.Hash)
	}

	say(out, "\nWhat everybody has, as the node sees it:")
	for _, name := range cast {
		text, err := n.run(ctx, "balance", name)
		if err != nil {
			return err
		}
		words := strings.Fields(text) // NAME balance is 700
		say(out, "  %-8s %5s", name, words[len(words)-1])
	}
	return nil
}

// valuePattern is the value of an output.
var valuePattern = regexp.MustCompile(`"value": (\d+)`)

// findRefusal returns what a node has said of a block that it refused, in either
// language and in one line. A node breaks its lines, and indents what follows.
func findRefusal(screen string, height int) string {
	begin := regexp.MustCompile(fmt.Sprintf(`(block|区块) %d(: |：)`, height)).FindStringIndex(screen)
	if begin == nil {
		return ""
	}

	refusal := ""
	for line := range strings.Lines(screen[begin[0]:]) {
		if refusal != "" && !strings.HasPrefix(line, " ") {
			break
		}
		refusal = joinWrapped(refusal, strings.TrimSpace(line))
	}
	return refusal
}

// joinWrapped joins two lines of a text that was wrapped: Chinese characters have no
// space between them.
func joinWrapped(a, b string) string {
	last, _ := utf8.DecodeLastRuneInString(a)
	next, _ := utf8.DecodeRuneInString(b)
	if a == "" || isWide(last) && isWide(next) {
		return a + b
	}
	return a + " " + b
}

// showRefused hands a node a chain with more coins in its last block, and shows that
// the node doesn't take that one.
func showRefused(ctx context.Context, program, data string, blocks []finaleBlock, out io.Writer) error {
	forged := slices.Clone(blocks)
	last := &forged[len(forged)-1]
	last.raw = valuePattern.ReplaceAll(last.raw, []byte(`"value": ${1}0`))

	p, err := openPeer(forged)
	if err != nil {
		return err
	}
	defer p.close()
	n, err := startNode(ctx, program, data, p.addr().String())
	if err != nil {
		return err
	}
	defer n.stop()

	say(out, "\nNow I write a zero behind each value in block %d, and offer the chain to another node. It says:", last.Header.Height)
	var refusal string
	err = n.await(ctx, func() bool {
		refusal = findRefusal(n.screen.String(), last.Header.Height)
		return refusal != ""
	})
	if err != nil {
		return complain("no word of the forged block: %v\n%s", err, lastLines(n.screen.String(), 12))
	}

	if header, err := n.run(ctx, "print", fmt.Sprint(last.Header.Height)); err == nil {
		return complain("the node took a forged block: %s", header)
	}
	say(out, "  %s", refusal)
	return nil
}
