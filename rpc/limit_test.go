package rpc

import (
	"bytes"
	"io"
	"net"
	"net/rpc"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

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

// Of too many connections those that ask nothing make room for one that does.
func TestIdleMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns, _ := startPipes(t, Echo(nil), 2*maxConns)
		first := rpc.NewClient(conns[0])
		defer first.Close()
		var n int
		if err := first.Call("Cli.Length", "four", &n); err != nil || n != 4 {
			t.Fatalf("got %d, %v, want 4", n, err)
		}

		began := time.Now()
		last := conns[2*maxConns-1]
		late := rpc.NewClient(last)
		defer late.Close()
		err := greet(last, late)
		if took := time.Since(began); err != nil || took > idleCrowded {
			t.Errorf("greeting after %s: %v, want one after %s", took, err, idleCrowded)
		}
		if _, err := conns[1].Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("an idle connection: got %v, want EOF", err)
		}
	})
}

// Of too many connections with a call under way none makes room; the next one
// waits for a call to end.
func TestCallsKeepTheirRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(Echo)
		conns, _ := startPipes(t, hang, maxConns+1)
		var calls []*rpc.Call
		for _, conn := range conns[:maxConns] {
			client := rpc.NewClient(conn)
			defer client.Close()
			calls = append(calls, client.Go("Cli.Wait", struct{}{}, new(struct{}), nil))
		}
		late := rpc.NewClient(conns[maxConns])
		defer late.Close()
		greeted := make(chan error, 1)
		go func() { greeted <- late.Call(helloMethod, struct{}{}, new(string)) }()

		time.Sleep(idle + time.Second)
		select {
		case err := <-greeted:
			t.Fatalf("greeting: %v, while all places are taken", err)
		default:
		}

		close(hang)
		for _, call := range calls {
			if err := (<-call.Done).Error; err != nil {
				t.Errorf("call: %v", err)
			}
		}
		if err := <-greeted; err != nil {
			t.Errorf("greeting: %v", err)
		}
	})
}

// A client that says nothing, or not all, is cut off after half a minute.
func TestIdle(t *testing.T) {
	for _, first := range [][]byte{nil, request(t, "Cli.Length", "text")[:20]} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := startPipe(t, Echo(nil))
			began := time.Now()
			client.Write(first)
			_, err := client.Read(make([]byte, 1))
			if got := time.Since(began); err != io.EOF || got != idle {
				t.Errorf("got %v after %s, want EOF after %s", err, got, idle)
			}
		})
	}
}

// A client that does not take its reply is cut off after half a minute, too.
func TestIdleReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := startPipe(t, Echo(nil))
		if _, err := client.Write(request(t, "Cli.Length", "text")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(idle + time.Second)
		late := time.Now()
		n, err := client.Read(make([]byte, 1))
		if took := time.Since(late); n > 0 || err != io.EOF || took > 0 {
			t.Errorf("got %d bytes, %v after %s, want EOF at once", n, err, took)
		}
	})
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
		newServer(methods).answerCalls(far)
		far.Close()
		wg.Wait()
	})
}
