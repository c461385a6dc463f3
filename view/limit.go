package view

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// What pages can take from the node, and from each other.
const (
	maxConns   = 256 // at a time
	maxStreams = 200 // of events, each of which keeps its connection
	maxAsked   = 2   // questions to the node at a time
	sendBuffer = 64 << 10
)

// A listener gives each connection a place, of which there are maxConns.
type listener struct {
	net.Listener
	conns *connections
	done  <-chan struct{} // closed when the server is to end
}

// Accept waits for a connection, and for a place.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !l.conns.takePlace(l.done) {
		conn.Close()
		return nil, net.ErrClosed
	}

	// The system would buffer megabytes for a page that does not read.
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetWriteBuffer(sendBuffer)
	}
	return conn, nil
}

// connections are those that are open. Each holds a place.
type connections struct {
	places chan struct{}

	mu      sync.Mutex // guards what follows
	states  map[net.Conn]http.ConnState
	crowded bool // whether one more waits for a place
	closing bool
	drained chan struct{} // gets a token when the last of states ends after closing
}

func newConnections() *connections {
	return &connections{
		places:  make(chan struct{}, maxConns),
		states:  make(map[net.Conn]http.ConnState),
		drained: make(chan struct{}, 1),
	}
}

// takePlace waits for a place. Connections on which nobody asks anything have to
// go for it. It reports false when done is closed.
func (c *connections) takePlace(done <-chan struct{}) bool {
	select {
	case c.places <- struct{}{}:
		return true
	default:
	}

	c.setCrowded(true)
	defer c.setCrowded(false)
	select {
	case c.places <- struct{}{}:
		return true
	case <-done:
		return false
	}
}

func (c *connections) setCrowded(crowded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crowded = crowded
	if crowded {
		c.closeUnused()
	}
}

// closeUnused closes the connections on which no request runs. c.mu is held.
func (c *connections) closeUnused() {
	for conn, state := range c.states {
		if state != http.StateActive {
			conn.Close()
		}
	}
}

// note is told whenever a connection begins, carries a request, waits for the
// next one, or has ended.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if state == http.StateClosed {
		delete(c.states, conn)
		<-c.places
		if c.closing && len(c.states) == 0 {
			c.drained <- struct{}{}
		}
		return
	}

	c.states[conn] = state
	if c.closing && state == http.StateNew || (c.closing || c.crowded) && state == http.StateIdle {
		conn.Close()
	}
}

// end ends the connections, and returns how many requests do not end.
func (c *connections) end() (running int) {
	c.mu.Lock()
	c.closing = true
	c.closeUnused()
	open := len(c.states)
	c.mu.Unlock()
	if open == 0 {
		return 0
	}

	if c.awaitDrained() {
		return 0
	}

	// A request that writes to somebody who does not read ends now; one whose
	// question hangs does not.
	c.mu.Lock()
	for conn := range c.states {
		conn.Close()
	}
	c.mu.Unlock()
	c.awaitDrained()

	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states)
}

// awaitDrained reports whether the last connection ends soon.
func (c *connections) awaitDrained() bool {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.drained:
		return true
	case <-timer.C:
		return false
	}
}

var errBug = errors.New("a bug in this program: its log says more")

// questions are those that the node is asked just now. Pages that ask the same at
// the same time share an answer, so that a hundred of them cost little more than
// one. Nobody gets an answer older than the question: what a page asks after it
// was told of an event is what stands after that event.
type questions struct {
	places chan struct{} // holds a token for each that the node answers

	mu   sync.Mutex // guards what follows, and askers and begun of each
	open map[string]*question
}

// A question is asked again and again as long as somebody wants to know.
type question struct {
	askers int // that wait or are being answered
	begun  int // how often the node has been asked

	turn chan struct{} // guards what follows: whoever asks the node has put a token in
	body []byte
	err  error
}

func newQuestions() *questions {
	return &questions{places: make(chan struct{}, maxAsked), open: make(map[string]*question)}
}

// ask returns what do returns, for this caller or for another one with the same
// key, who began to ask later.
func (qs *questions) ask(ctx context.Context, key string, do func() ([]byte, error)) ([]byte, error) {
	q, arrived := qs.join(key)
	defer qs.leave(key, q)

	select {
	case q.turn <- struct{}{}:
		defer func() { <-q.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !qs.begin(q, arrived) {
		return q.body, q.err
	}

	qs.places <- struct{}{} // whatever ctx says: others may wait for the answer
	defer func() { <-qs.places }()
	q.body, q.err = nil, errBug // if do panics
	q.body, q.err = do()
	return q.body, q.err
}

// join counts an asker in, and returns how often the node had been asked then.
func (qs *questions) join(key string) (q *question, arrived int) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q = qs.open[key]
	if q == nil {
		q = &question{turn: make(chan struct{}, 1)}
		qs.open[key] = q
	}
	q.askers++
	return q, q.begun
}

func (qs *questions) leave(key string, q *question) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q.askers--
	if q.askers == 0 {
		delete(qs.open, key)
	}
}

// begin reports whether the node has to be asked once more: nobody has begun to
// since the asker arrived.
func (qs *questions) begin(q *question, arrived int) bool {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if q.begun > arrived {
		return false
	}
	q.begun++
	return true
}
