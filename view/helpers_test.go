package view

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A fakeNode says what a test wants. Its events are numbered from 1.
type fakeNode struct {
	mu     sync.Mutex // guards all below
	log    []Event
	lost   uint64        // that the next reader is told
	more   chan struct{} // closed and replaced at each event
	asked  map[string]int
	block  Block
	text   string        // of a foreigner, wherever there is room for one
	before func(string)  // if not nil, is called with the name of each method
	gone   chan struct{} // closed: Events fails
}

func newFake() *fakeNode {
	return &fakeNode{more: make(chan struct{}), asked: make(map[string]int), gone: make(chan struct{})}
}

// called notes that a method is called, and returns the text for its answer.
func (n *fakeNode) called(method string) string {
	n.mu.Lock()
	n.asked[method]++
	text, before := n.text, n.before
	n.mu.Unlock()
	if before != nil {
		before(method)
	}
	return text
}

func (n *fakeNode) count(method string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[method]
}

var errFake = errors.New("no such thing: see `go run . chain`")

func (n *fakeNode) Status() (Status, error) {
	return Status{Height: 7, Hint: n.called("status")}, nil
}

func (n *fakeNode) Chain(highest, count int) (Chain, error) {
	text := n.called("chain")
	if highest < 0 || highest > 7 {
		highest = 7
	}
	c := Chain{Height: 7}
	for h := highest; h >= 0 && h > highest-count; h-- {
		c.Blocks = append(c.Blocks, Row{Height: h, MinerName: text})
	}
	return c, nil
}

func (n *fakeNode) Block(ref string) (Block, error) {
	n.called("block")
	if ref != "last" {
		return Block{}, errFake
	}
	return n.block, nil
}

func (n *fakeNode) Tx(txid string) (TxDetail, error) {
	text := n.called("tx")
	if txid != "abcdef" {
		return TxDetail{}, errFake
	}
	return TxDetail{State: TxDropped, Reason: text}, nil
}

func (n *fakeNode) History(address string, count int) (History, error) {
	n.called("history")
	if address != "alice" {
		return History{}, errFake
	}
	return History{Name: address, Omitted: count}, nil
}

func (n *fakeNode) Wallets() ([]Wallet, error) {
	text := n.called("wallets")
	if text == "" {
		return nil, nil
	}
	return []Wallet{{Name: text}}, nil
}

func (n *fakeNode) Pool() ([]PoolTx, error) { n.called("pool"); return nil, nil }
func (n *fakeNode) Peers() ([]Peer, error)  { n.called("peers"); return nil, nil }
func (n *fakeNode) Table() (Table, error)   { n.called("table"); return Table{K: 20}, nil }

// Events implements [Node].
func (n *fakeNode) Events(ctx context.Context, after uint64) ([]Event, uint64, error) {
	n.called("events")
	for {
		n.mu.Lock()
		lost, more := n.lost, n.more
		var news []Event
		if after < uint64(len(n.log)) {
			news = n.log[after:]
		}
		n.mu.Unlock()
		if len(news) > 0 {
			return news, lost, nil
		}

		select {
		case <-more:
		case <-n.gone:
			return nil, 0, errFake
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// tell adds events.
func (n *fakeNode) tell(kinds ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, kind := range kinds {
		n.log = append(n.log, Event{Number: uint64(len(n.log) + 1), Kind: kind})
	}
	close(n.more)
	n.more = make(chan struct{})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// start serves node on a free port. stop ends that, waits, and returns the
// error of Serve; without it, the test does so and wants none.
func start(t testing.TB, node Node) (addr string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln.Addr().String(), serve(t, ln, node, quiet())
}

// serve serves node on ln. stop is that of start.
func serve(t testing.TB, ln net.Listener, node Node, log *slog.Logger) (stop func() error) {
	t.Helper()
	return run(t, func(ctx context.Context) error { return Serve(ctx, ln, node, log) })
}

// run runs a server until stop is called, which returns its error; without it,
// the test does so and wants none.
func run(t testing.TB, server func(context.Context) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server(ctx) }()

	var once sync.Once
	stop = func() (err error) {
		once.Do(func() {
			cancel()
			err = <-served
		})
		return err
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return stop
}

// pipes is a listener whose connections are in memory: with it, a test can run
// under synctest's clock.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// dial returns a connection, which the server accepts.
func (l *pipes) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, far := net.Pipe()
	t.Cleanup(func() { conn.Close() })
	l.conns <- far
	return conn
}

// send writes a request with some header lines.
func send(t testing.TB, conn net.Conn, path string, header ...string) {
	t.Helper()
	lines := append([]string{"GET " + path + " HTTP/1.1", "Host: 127.0.0.1:8080"}, header...)
	if _, err := conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
}

// A reader reads a stream of events.
type reader struct {
	t    testing.TB
	resp *http.Response
	in   *bufio.Reader
}

// open sends a request, and reads the head of the answer.
func open(t testing.TB, conn net.Conn, path string, header ...string) *reader {
	t.Helper()
	send(t, conn, path, header...)
	return receive(t, conn)
}

func receive(t testing.TB, conn net.Conn) *reader {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, resp, bufio.NewReader(resp.Body)}
}

// next returns the next event, its lines joined by spaces.
func (r *reader) next() string {
	r.t.Helper()
	var lines []string
	for {
		line, err := r.in.ReadString('\n')
		if err != nil {
			r.t.Fatalf("stream ends after %q: %v", lines, err)
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return strings.Join(lines, " ")
		}
		lines = append(lines, line)
	}
}
