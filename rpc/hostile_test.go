package rpc

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"io"
	"net"
	"net/rpc"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Echo is what these tests export. Wait ends when its channel is closed.
type Echo chan struct{}

func (Echo) Length(text string, n *int) error { *n = len(text); return nil }

func (e Echo) Wait(_ struct{}, _ *struct{}) error { <-e; return nil }

// Stranger greets as another program would.
type Stranger struct{}

func (Stranger) Hello(_ struct{}, text *string) error { *text = "welcome"; return nil }

// start serves rcvr and returns the address; stop waits for the end.
func start(t testing.TB, rcvr any) (addr string, stop func() error) {
	t.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, ln, rcvr) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { stop() })
	return ln.Addr().String(), stop
}

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
	if err := errors.Join(enc.Encode(&rpc.Request{ServiceMethod: method}), enc.Encode(args)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Clients that hang, babble or ask too much stop nobody else.
func TestHostileClients(t *testing.T) {
	hang := make(Echo)
	addr, _ := start(t, hang)
	defer close(hang)
	length := request(t, "Cli.Length", "text")
	for _, first := range [][]byte{
		nil,
		length[:len(length)/2],
		[]byte("GET / HTTP/1.1\r\n\r\n"),
		{0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, // a length of 2^63-1
		request(t, "Cli.Wait", struct{}{}),
		request(t, "Nobody.Nothing", 1),
		bytes.Repeat([]byte{0}, 1<<16),
	} {
		if _, err := connect(t, addr).Write(first); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		var n int
		if err := Call(t.Context(), addr, "Cli.Length", "four", &n); err != nil || n != 4 {
			t.Fatalf("got %d, %v, want 4", n, err)
		}
	}
}

// A request has a size.
func TestRequestSize(t *testing.T) {
	addr, _ := start(t, Echo(nil))
	tests := []struct {
		size int
		ok   bool
	}{{1000, true}, {maxRequest - 1000, true}, {maxRequest + 1, false}, {4 * maxRequest, false}}
	for _, test := range tests {
		var n int
		err := Call(t.Context(), addr, "Cli.Length", strings.Repeat("x", test.size), &n)
		if ok := err == nil && n == test.size; ok != test.ok {
			t.Errorf("%d bytes: got %d, %v, want success %v", test.size, n, err, test.ok)
		}
	}
}

// A connection may carry any number of requests, whatever they come to.
func TestManyRequests(t *testing.T) {
	addr, _ := start(t, Echo(nil))
	client, err := rpc.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range 5 {
		var n int
		if err := client.Call("Cli.Length", strings.Repeat("x", maxRequest/2), &n); err != nil || n != maxRequest/2 {
			t.Fatalf("request %d: got %d, %v", i, n, err)
		}
	}
}

// Of too many connections the last are turned away, and the first still work.
func TestConnectionLimit(t *testing.T) {
	addr, _ := start(t, Echo(nil))
	first, err := rpc.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	var n int
	if err := first.Call("Cli.Length", "four", &n); err != nil {
		t.Fatal(err)
	}
	for range maxConns - 1 {
		connect(t, addr)
	}
	late := connect(t, addr)
	late.SetDeadline(time.Now().Add(idle / 2)) // not because it is idle
	if got, err := io.ReadAll(late); err != nil || len(got) > 0 {
		t.Errorf("one too many: got %q, %v, want the end", got, err)
	}
	if err := first.Call("Cli.Length", "four", &n); err != nil || n != 4 {
		t.Errorf("got %d, %v, want 4", n, err)
	}
}

// pipeListener is a listener that accepts one connection.
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

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// A client that says nothing, or not all, is cut off after half a minute.
func TestIdle(t *testing.T) {
	for _, first := range [][]byte{nil, request(t, "Cli.Length", "text")[:20]} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			ln := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
			ln.conns <- far
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- Serve(ctx, ln, Echo(nil)) }()
			began := time.Now()
			near.Write(first)
			_, err := near.Read(make([]byte, 1))
			if got := time.Since(began); err != io.EOF || got != idle {
				t.Errorf("got %v after %s, want EOF after %s", err, got, idle)
			}
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Serve: %v", err)
			}
		})
	}
}

// A client that does not take its reply is cut off after half a minute, too.
func TestIdleReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		ln := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		ln.conns <- far
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- Serve(ctx, ln, Echo(nil)) }()
		if _, err := near.Write(request(t, "Cli.Length", "text")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(idle + time.Second)
		late := time.Now()
		n, err := near.Read(make([]byte, 1))
		if took := time.Since(late); n > 0 || err != io.EOF || took > 0 {
			t.Errorf("got %d bytes, %v after %s, want EOF at once", n, err, took)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// The greeting has to come soon; the call after it may take its time.
func TestGreetingIsNotTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		ln := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		ln.conns <- far
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		hang := make(Echo)
		go func() { done <- Serve(ctx, ln, hang) }()
		client := rpc.NewClient(near)
		defer client.Close()
		if err := greet(near, client); err != nil {
			t.Fatal(err)
		}
		go func() { time.Sleep(10 * helloTimeout); close(hang) }()
		if err := client.Call("Cli.Wait", struct{}{}, new(struct{})); err != nil {
			t.Errorf("got %v, want the reply", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// Serve ends idle connections at once, lets a running call end, and does not
// wait for one that never does.
func TestShutdown(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration // until the running call ends; 0: there is none
		took  time.Duration // until Serve ends
		want  string        // of Serve
		call  error
	}{
		{"idle", 0, 0, "", nil},
		{"a call that ends", grace / 2, grace / 2, "", nil},
		{"a call that hangs", time.Hour, grace, "1 calls still run", io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				ln := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
				ln.conns <- far
				hang := make(Echo)
				ctx, cancel := context.WithCancel(t.Context())
				served := make(chan error, 1)
				go func() { served <- Serve(ctx, ln, hang) }()
				client := rpc.NewClient(near)
				defer client.Close()
				var call *rpc.Call
				if test.after > 0 {
					call = client.Go("Cli.Wait", struct{}{}, new(struct{}), nil)
				}
				synctest.Wait()
				began := time.Now()
				cancel()
				go func() { time.Sleep(test.after); close(hang) }()
				err := <-served
				if err == nil && test.want != "" || err != nil && err.Error() != test.want {
					t.Errorf("Serve: got %v, want %q", err, test.want)
				}
				if got := time.Since(began); got != test.took {
					t.Errorf("Serve ended after %s, want %s", got, test.took)
				}
				if call != nil {
					if got := (<-call.Done).Error; got != test.call {
						t.Errorf("call: got %v, want %v", got, test.call)
					}
				}
				<-hang
				synctest.Wait()
			})
		})
	}
}

// Where something else listens, or nothing answers, there is no node.
func TestNoNode(t *testing.T) {
	tests := []struct {
		name   string
		answer func(net.Conn)
	}{
		{"hangs up", func(net.Conn) {}},
		{"another protocol", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }},
		{"another program", func(c net.Conn) {
			other := rpc.NewServer()
			other.RegisterName("Other", Echo(nil))
			other.ServeConn(c)
		}},
		{"another program that greets", func(c net.Conn) {
			other := rpc.NewServer()
			other.RegisterName(helloName, Stranger{})
			other.RegisterName(Name, Echo(nil))
			other.ServeConn(c)
		}},
		{"silence", func(c net.Conn) { io.Copy(io.Discard, c) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ln, err := Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			defer wg.Wait()
			defer ln.Close()
			wg.Go(func() {
				if c, err := ln.Accept(); err == nil {
					defer c.Close()
					test.answer(c)
				}
			})
			err = Call(t.Context(), ln.Addr().String(), "Cli.Length", "x", new(int))
			if !errors.Is(err, ErrNoNode) {
				t.Errorf("got %v, want %v", err, ErrNoNode)
			}
		})
	}
}

// Slow is exported, too: Wait says that it has begun, and ends with end.
type Slow struct{ begun, end chan struct{} }

func (s Slow) Wait(_ struct{}, _ *struct{}) error {
	close(s.begun)
	<-s.end
	return nil
}

// A caller that gives up gets its reason back, before its call begins or later.
func TestCallCanceled(t *testing.T) {
	for name, begin := range map[string]bool{"before": false, "during": true} {
		t.Run(name, func(t *testing.T) {
			slow := Slow{make(chan struct{}), make(chan struct{})}
			addr, _ := start(t, slow)
			defer close(slow.end)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			call := make(chan error, 1)
			go func() { call <- Call(ctx, addr, "Cli.Wait", struct{}{}, new(struct{})) }()
			if begin {
				<-slow.begun
			}
			cancel()
			if err := <-call; err != context.Canceled {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
		})
	}
}

// Lives of a server, all on one port, leave no goroutine (python-bugs B33,
// B34: a second server on the port is an error, one after another is not).
func TestLives(t *testing.T) {
	addr := "127.0.0.1:0"
	life := func() {
		ln, err := Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		addr = ln.Addr().String()
		if second, err := Listen(addr); err == nil {
			second.Close()
			t.Error("two servers listen on one port")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- Serve(ctx, ln, Echo(nil)) }()
		var n int
		if err := Call(t.Context(), addr, "Cli.Length", "four", &n); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	life()
	before := runtime.NumGoroutine()
	for range 50 {
		life()
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 { // one that is done may not be gone yet
		if runtime.NumGoroutine() <= before {
			return
		}
		<-tick.C
	}
	t.Errorf("got %d goroutines, want %d", runtime.NumGoroutine(), before)
}

// Whatever arrives, the connection ends.
func FuzzServer(f *testing.F) {
	f.Add(request(f, "Cli.Length", "text"))
	f.Add(request(f, "Hello.Hello", struct{}{}))
	f.Add(request(f, "Cli.Length", []int{1, 2}))
	f.Add(append(request(f, "Cli.Length", "text"), 1, 2, 3))
	f.Add([]byte("GET / HTTP/1.1"))
	f.Fuzz(func(t *testing.T, in []byte) {
		near, far := net.Pipe()
		methods := rpc.NewServer()
		if err := methods.RegisterName(Name, Echo(nil)); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() { io.Copy(io.Discard, near) })
		wg.Go(func() {
			near.Write(in)
			near.Close()
		})
		s := &server{methods: methods, conns: make(map[net.Conn]bool)}
		s.converse(far)
		far.Close()
		wg.Wait()
	})
}

func BenchmarkCall(b *testing.B) {
	addr, _ := start(b, Echo(nil))
	var n int
	for b.Loop() {
		if err := Call(b.Context(), addr, "Cli.Length", "four", &n); err != nil {
			b.Fatal(err)
		}
	}
}
