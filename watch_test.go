package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gosimpleblockchain/view"
)

// A watching is a `watch` under way.
type watching struct {
	t      *testing.T
	lines  chan string // of its stdout; closed when it ends
	cancel context.CancelFunc
	stderr strings.Builder
	code   int // when lines is closed
}

func startWatch(t *testing.T, n *testNode, flags ...string) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watching{t: t, lines: make(chan string, 1000), cancel: cancel}

	in, out := io.Pipe()
	var parts sync.WaitGroup
	parts.Go(func() {
		w.code = run(ctx, append([]string{"watch", "-rpc", n.RPCAddr()}, flags...), out, &w.stderr)
		out.Close()
	})
	parts.Go(func() {
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			w.lines <- scanner.Text()
		}
	})
	go func() {
		parts.Wait()
		close(w.lines)
	}()
	t.Cleanup(func() { w.end() })
	return w
}

// await returns the next line with some text.
func (w *watching) await(text string) string {
	w.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				w.t.Fatalf("watch ends without %q: exit code %d: %s", text, w.code, w.stderr.String())
			}
			if strings.Contains(line, text) {
				return line
			}
		case <-limit:
			w.t.Fatalf("watch does not tell %q", text)
		}
	}
}

// end interrupts the command as Ctrl-C does, and returns how it ends.
func (w *watching) end() (code int, stderr string) {
	w.cancel()
	for range w.lines {
	}
	return w.code, w.stderr.String()
}

// Watch tells what a running node does, to one who comes late, too, and ends in
// peace by Ctrl-C.
func TestWatch(t *testing.T) {
	n := startNode(t, NodeConfig{})
	alice := n.startChain()
	english, json, chinese := startWatch(t, n), startWatch(t, n, "-json"), startWatch(t, n, "-q", "-lang", "zh")
	english.await("has a chain now: its block 0 is ")
	chinese.await("有了一条链")

	bob := n.createWallet()
	n.send(alice, bob, 10)
	english.await(" pooled its own payment ")
	n.send(alice, bob, 10)
	english.await(" mined block 1, ")
	chinese.await("挖出区块 1")
	e := decodeEvent(t, json.await("block mined"))
	if tip := tipOf(t, n.chain); e.Kind != "block mined" || e.Facts["hash"] != tip.Header.Hash || e.Level != "INFO" || e.Number == 0 {
		t.Errorf("the event is %+v, of block %s", e, tip.Header.Hash)
	}

	for _, w := range []*watching{english, json, chinese} {
		want := fmt.Sprintf("watching the node on %s: Ctrl-C ends that, and the node goes on", n.RPCAddr())
		if w == chinese {
			want = inChinese(want)
		}
		if code, stderr := w.end(); code != 0 || stderr != want+"\n" {
			t.Errorf("Ctrl-C: exit code %d, %s", code, stderr)
		}
	}
}

func decodeEvent(t *testing.T, line string) (e view.Event) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return e
}

// When the node stops, it does not wait for those who watch, and they are told
// what to type.
func TestWatchStoppedNode(t *testing.T) {
	n := startNode(t, NodeConfig{})
	n.startChain()
	w := startWatch(t, n, "-q")
	w.await("has a chain now")
	began := time.Now()
	n.stop()
	if took := time.Since(began); took > pollTime/2 {
		t.Errorf("the node stops after %v", took)
	}

	for range w.lines {
	}
	want := fmt.Sprintf("the node on %s has stopped: start it again with `go run . start -listen 127.0.0.1:0 -rpc 127.0.0.1:0", n.RPCAddr())
	if _, told, _ := strings.Cut(w.stderr.String(), "\n"); w.code != 1 || !strings.HasPrefix(told, want) || strings.Count(told, "\n") != 1 {
		t.Errorf("exit code %d, and %s\nwant 1, and %s…", w.code, told, want)
	}

	code, stdout, stderr := n.try("watch")
	if want := "no node answers on " + n.RPCAddr() + ": start one with `go run . start -rpc " + n.RPCAddr() + "`\n"; code != 1 || stdout != "" || stderr != want {
		t.Errorf("without a node: exit code %d, %s%s", code, stdout, stderr)
	}
}

// Many may watch, and commands are answered all the while; too many are told so.
func TestWatchMany(t *testing.T) {
	n := startNode(t, NodeConfig{})
	alice := n.startChain()
	var watchings []*watching
	for range maxPolls {
		watchings = append(watchings, startWatch(t, n, "-q"))
	}
	for _, w := range watchings {
		w.await("has a chain now")
	}
	n.await("sixteen calls", func() bool { n.log.Debug("look again"); return n.Node.events.polls.Load() == maxPolls })
	n.wantBalance(alice, Subsidy)

	code, _, stderr := n.try("watch", "-q")
	if want := "16 others watch this node already: stop one of them by Ctrl-C\n"; code != 1 || stderr != want {
		t.Errorf("exit code %d, %s", code, stderr)
	}

	n.createWallet()
	n.send(alice, n.createWallet(), 1)
	for _, w := range watchings {
		w.await("pooled its own payment")
	}
}

// A wait for news ends after a while without any.
func TestWatchNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newStreamLog()
		c := &Cli{&Node{events: s, log: log}}
		log.Info("listening")

		first := call(t, c.Watch, WatchArgs{})
		if len(first.Events) != 1 || first.After != 1 {
			t.Errorf("first: %+v", first)
		}
		began := time.Now()
		second := call(t, c.Watch, WatchArgs{After: first.After})
		if took := time.Since(began); len(second.Events) != 0 || second.After != 1 || second.Stopping || took != pollTime {
			t.Errorf("after %v: %+v", took, second)
		}
		s.end()
		if last := call(t, c.Watch, WatchArgs{After: 1}); !last.Stopping {
			t.Errorf("at the end: %+v", last)
		}
	})
}

// A watcher says how many events it has missed, and does not say the same of a
// peer again and again.
func TestWatcher(t *testing.T) {
	event := func(level slog.Level, kind string, facts ...string) view.Event {
		e := view.Event{Level: level.String(), Kind: kind, Facts: make(map[string]string), Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)}
		for i := 0; i < len(facts); i += 2 {
			e.Facts[facts[i]] = facts[i+1]
		}
		e.Text = sentence(kind, e.Facts)
		return e
	}
	shake := func(peer, height string) view.Event {
		return event(slog.LevelDebug, "message sent", "kind", "handshake", "peer", peer, "height", height)
	}
	events := []view.Event{
		shake("a", "1"), shake("b", "1"), shake("a", "1"), shake("a", "2"), shake("b", "1"),
		event(slog.LevelWarn, "transaction refused", "err", "no"), event(slog.LevelWarn, "transaction refused", "err", "no"),
	}

	var out strings.Builder
	w := &watcher{options: &options{stdout: &output{Writer: &out}}, told: make(map[string]string)}
	if err := w.tell(events, 3); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(out.String(), " ")
	const want = "! 3 events came too fast to be told\n" +
		"03:04:05   shook hands with a: height 1 here\n" +
		"03:04:05   shook hands with b: height 1 here\n" +
		"03:04:05   shook hands with a: height 2 here\n" +
		"03:04:05 ! refused a payment: no\n" +
		"03:04:05 ! refused a payment: no\n"
	if rest != want {
		t.Errorf("got\n%s\nwant\n%s", rest, want)
	}

	out.Reset()
	w.everyMessage = true
	if err := w.tell(events, 0); err != nil || strings.Count(out.String(), "\n") != len(events) {
		t.Errorf("-v: %v, %s", err, out.String())
	}
	out.Reset()
	w.json = true
	if err := w.tell(events, 3); err != nil || !strings.HasPrefix(out.String(), "{\"lost\": 3}\n{") {
		t.Errorf("-json: %v, %s", err, out.String())
	}
}
