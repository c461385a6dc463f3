package rpc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// cli is what a node exports.
type cli struct{}

type Payment struct {
	From, To string
	Amount   int
}

func (cli) Balance(addr string, balance *int) error {
	if addr == "" {
		return errors.New("no address")
	}
	*balance = 1000
	return nil
}

func (cli) Send(p Payment, text *string) error {
	*text = fmt.Sprintf("send %d from %s to %s", p.Amount, p.From, p.To)
	return nil
}

// Secret has not the form of a method for net/rpc.
func (cli) Secret() string { return "private key" }

func TestCall(t *testing.T) {
	addr, _ := start(t, cli{})
	var balance int
	if err := Call(t.Context(), addr, "Cli.Balance", "A", &balance); err != nil || balance != 1000 {
		t.Errorf("balance %d, %v, want 1000", balance, err)
	}
	var text string
	if err := Call(t.Context(), addr, "Cli.Send", Payment{"A", "B", 100}, &text); err != nil || text != "send 100 from A to B" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestCallErrors(t *testing.T) {
	addr, _ := start(t, cli{})
	tests := []struct{ method, want string }{
		{"Cli.Balance", "no address"},
		{"Cli.Secret", "rpc: can't find method Cli.Secret"},
		{"Other.Balance", "rpc: can't find service Other.Balance"},
	}

	for _, test := range tests {
		var balance int
		err := Call(t.Context(), addr, test.method, "", &balance)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", test.method, err, test.want)
		}
	}
}

// Nobody listens.
func TestCallNoNode(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	err = Call(t.Context(), ln.Addr().String(), "Cli.Balance", "A", new(int))
	if !errors.Is(err, ErrNoNode) {
		t.Errorf("got %v, want %v", err, ErrNoNode)
	}
}

// Stranger greets as another program would.
type Stranger struct{}

func (Stranger) Hello(_ struct{}, text *string) error { *text = "welcome"; return nil }

// Something else that listens, and a node that does not answer, each have their
// own error.
func TestNoGreeting(t *testing.T) {
	tests := []struct {
		name   string
		want   error
		answer func(net.Conn)
	}{
		{"hangs up", ErrStranger, func(net.Conn) {}},
		{"another protocol", ErrStranger, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }},
		// HTTP, which reads a line first. There is a byte '\n' in our greeting.
		{"Python's command port", ErrStranger, func(c net.Conn) {
			if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
				io.WriteString(c, "<!DOCTYPE HTML>\n<html lang=\"en\"><p>Error code: 400</p></html>\n")
			}
		}},
		{"Python's port for peers", ErrStranger, func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, `{"code": 0, "data": ""}`)
		}},
		{"Python's port for peers, which does not hang up", ErrStranger, func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, `{"code": 0, "data": ""}`)
			io.Copy(io.Discard, c)
		}},
		{"another program", ErrStranger, func(c net.Conn) {
			other := rpc.NewServer()
			other.RegisterName("Other", Echo(nil))
			other.ServeConn(c)
		}},
		{"another program that greets", ErrStranger, func(c net.Conn) {
			other := rpc.NewServer()
			other.RegisterName(helloName, Stranger{})
			other.RegisterName(Name, Echo(nil))
			other.ServeConn(c)
		}},
		{"silence", ErrNoGreeting, func(c net.Conn) { io.Copy(io.Discard, c) }},
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
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// The greeting has to come soon; the call after it may take its time.
func TestGreetingIsNotTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(Echo)
		conn, _ := startPipe(t, hang)
		client := rpc.NewClient(conn)
		defer client.Close()
		if err := greet(conn, client); err != nil {
			t.Fatal(err)
		}
		go func() { time.Sleep(10 * helloTimeout); close(hang) }()
		if err := client.Call("Cli.Wait", struct{}{}, new(struct{})); err != nil {
			t.Errorf("got %v, want the reply", err)
		}
	})
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

func BenchmarkCall(b *testing.B) {
	addr, _ := start(b, Echo(nil))
	var n int
	for b.Loop() {
		if err := Call(b.Context(), addr, "Cli.Length", "four", &n); err != nil {
			b.Fatal(err)
		}
	}
}
