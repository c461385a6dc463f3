package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"sync"
	"time"
)

// A realNode is a node under way, a process of its own.
type realNode struct {
	program   string
	addr, rpc string
	screen    *screen
	cmd       *exec.Cmd
	ended     chan struct{} // closed when it has
}

// A screen is what a process prints. It is safe for concurrent use.
type screen struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// listensPattern is what a node says at its start, in either language.
var listensPattern = regexp.MustCompile(`(?:listens on|在) (\S+)(?:; commands on| 监听；命令端口) (\S+)[;；]`)

// startNode starts a node that knows one peer, and returns once it listens.
func startNode(ctx context.Context, program, data, bootstrap string) (*realNode, error) {
	n := &realNode{program: program, screen: new(screen), ended: make(chan struct{})}
	n.cmd = exec.CommandContext(ctx, program, "start", "-listen", "127.0.0.1:0", "-rpc", "127.0.0.1:0", "-view", "off", "-lang", language(), "-data", data, "-bootstrap", bootstrap)
	n.cmd.Stdout, n.cmd.Stderr = n.screen, n.screen
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = n.cmd.Wait() // it ends because it is stopped
		close(n.ended)
	}()

	err := n.await(ctx, func() bool {
		m := listensPattern.FindStringSubmatch(n.screen.String())
		if m != nil {
			n.addr, n.rpc = m[1], m[2]
		}
		return m != nil
	})
	if err != nil {
		n.stop()
		return nil, complain("The node doesn't start: %v\n%s", err, n.screen)
	}
	return n, nil
}

// stop ends the node, and waits until it has.
func (n *realNode) stop() {
	_ = stopProcess(n.cmd)
	select {
	case <-n.ended:
	case <-time.After(5 * time.Second):
		_ = n.cmd.Process.Kill()
		<-n.ended
	}
}

// await asks again and again until something is so.
func (n *realNode) await(ctx context.Context, isSo func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, finaleLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()

	for !isSo() {
		select {
		case <-tick.C:
		case <-n.ended:
			return complain("the node has ended")
		case <-ctx.Done():
			return complain("not within %v", finaleLimit)
		}
	}
	return nil
}

// run runs a command on the node, and returns what it prints.
func (n *realNode) run(ctx context.Context, command string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, n.program, append([]string{command, "-rpc", n.rpc, "-lang", language()}, args...)...)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %s", command, bytes.TrimSpace(text))
	}
	return string(text), nil
}
