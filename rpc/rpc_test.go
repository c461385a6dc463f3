package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"gosimpleblockchain/rpc"
)

// cli is what a node exports.
type cli struct {
	hang chan struct{} // Hang ends when it is closed
}

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

func (c cli) Hang(_ struct{}, _ *struct{}) error { <-c.hang; return nil }

// Secret has not the form of a method for net/rpc.
func (cli) Secret() string { return "private key" }

// serve starts a server and returns its address; the test waits for its end.
func serve(t testing.TB, rcvr any) string {
	t.Helper()
	ln, err := rpc.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- rpc.Serve(ctx, ln, rcvr) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ln.Addr().String()
}

func TestCall(t *testing.T) {
	addr := serve(t, cli{})
	var balance int
	if err := rpc.Call(t.Context(), addr, "Cli.Balance", "A", &balance); err != nil || balance != 1000 {
		t.Errorf("balance %d, %v, want 1000", balance, err)
	}
	var text string
	if err := rpc.Call(t.Context(), addr, "Cli.Send", Payment{"A", "B", 100}, &text); err != nil || text != "send 100 from A to B" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestCallErrors(t *testing.T) {
	addr := serve(t, cli{})
	tests := []struct{ method, want string }{
		{"Cli.Balance", "no address"},
		{"Cli.Secret", "rpc: can't find method Cli.Secret"},
		{"Other.Balance", "rpc: can't find service Other.Balance"},
	}
	for _, test := range tests {
		var balance int
		err := rpc.Call(t.Context(), addr, test.method, "", &balance)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", test.method, err, test.want)
		}
	}
}

func TestCallNoNode(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	err = rpc.Call(t.Context(), ln.Addr().String(), "Cli.Balance", "A", new(int))
	if !errors.Is(err, rpc.ErrNoNode) {
		t.Errorf("got %v, want %v", err, rpc.ErrNoNode)
	}
}

func TestListen(t *testing.T) {
	tests := []struct {
		addr string
		ok   bool
	}{
		{"127.0.0.1:0", true},
		{"localhost:0", true},
		{":0", false},
		{"0.0.0.0:0", false},
		{"[::]:0", false},
		{"192.0.2.1:0", false},
		{"10.0.0.1:0", false},
		{"192.168.0.1:0", false},
		{"169.254.0.1:0", false},
		{"[fe80::1]:0", false},
		{"[::ffff:192.0.2.1]:0", false},
	}
	for _, test := range tests {
		ln, err := rpc.Listen(test.addr)
		if err == nil {
			ln.Close()
		}
		if test.ok && err != nil || !test.ok && !errors.Is(err, rpc.ErrNotLoopback) {
			t.Errorf("%s: got %v, want success %v", test.addr, err, test.ok)
		}
	}
}
