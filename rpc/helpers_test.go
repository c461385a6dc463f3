package rpc

import (
	"bytes"
	"context"
	"encoding/gob"
	"net"
	"net/rpc"
	"sync"
	"testing"
	"time"
)

// Echo is what these tests export. Wait ends when its channel is closed.
type Echo chan struct{}

func (Echo) Length(text string, n *int) error { *n = len(text); return nil }

func (e Echo) Wait(_ struct{}, _ *struct{}) error { <-e; return nil }

// start serves rcvr on a free port. stop ends that, waits, and returns the
// error of Serve; without it, the test does so and wants none.
func start(t testing.TB, rcvr any) (addr string, stop func() error) {
	t.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln.Addr().String(), serve(t, ln, rcvr)
}

// startPipe serves rcvr on one connection in memory, whose other end it
// returns: with that, a test can run under synctest's clock. stop is that of
// start.
func startPipe(t testing.TB, rcvr any) (client net.Conn, stop func() error) {
	t.Helper()
	clients, stop := startPipes(t, rcvr, 1)
	return clients[0], stop
}

// startPipes is startPipe with n connections, which come in order.
func startPipes(t testing.TB, rcvr any, n int) (clients []net.Conn, stop func() error) {
	t.Helper()
	ln := &pipeListener{conns: make(chan net.Conn, n), closed: make(chan struct{})}
	for range n {
		client, far := net.Pipe()
		t.Cleanup(func() { client.Close() })
		clients = append(clients, client)
		ln.conns <- far
	}
	return clients, serve(t, ln, rcvr)
}

// serve serves rcvr on ln. stop is that of start.
func serve(t testing.TB, ln net.Listener, rcvr any) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, ln, rcvr) }()

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

// pipeListener is a listener that accepts some connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

func connect(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return conn
}

// request is the first message of a client.
func request(t testing.TB, method string, args any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	if err := enc.Encode(&rpc.Request{ServiceMethod: method}); err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(args); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
