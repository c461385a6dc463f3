package rpc

import (
	"errors"
	"io"
	"net/rpc"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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
		ln, err := Listen(test.addr)
		if err == nil {
			ln.Close()
		}
		if test.ok && err != nil || !test.ok && !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: got %v, want success %v", test.addr, err, test.ok)
		}
	}
}

// A connection may carry some requests, one after another.
func TestManyRequests(t *testing.T) {
	addr, _ := start(t, Echo(nil))
	client, err := rpc.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range 5 {
		var n int
		if err := client.Call("Cli.Length", strings.Repeat("x", 500), &n); err != nil || n != 500 {
			t.Fatalf("request %d: got %d, %v", i, n, err)
		}
	}
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
				hang := make(Echo)
				conn, stop := startPipe(t, hang)
				client := rpc.NewClient(conn)
				defer client.Close()

				var call *rpc.Call
				if test.after > 0 {
					call = client.Go("Cli.Wait", struct{}{}, new(struct{}), nil)
				}
				synctest.Wait()

				began := time.Now()
				go func() { time.Sleep(test.after); close(hang) }()
				err := stop()
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

// Lives of a server, all on one port, leave no goroutine. A second server on the
// port is an error: in Python it is swallowed, and the commands of the second
// node go to the first.
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
		stop := serve(t, ln, Echo(nil))
		var n int
		if err := Call(t.Context(), addr, "Cli.Length", "four", &n); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
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
