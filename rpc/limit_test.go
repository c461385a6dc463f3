package rpc

import (
	"bytes"
	"encoding/gob"
	"io"
	"net"
	"net/rpc"
	"reflect"
	"runtime"
	"strconv"
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

// Requests have a size.
func TestRequestSize(t *testing.T) {
	addr, _ := start(t, Echo(nil))
	tests := []struct {
		size int
		ok   bool
	}{{1000, true}, {maxInput - 1000, true}, {maxInput + 1, false}, {1 << 20, false}}
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
		if took := time.Since(began); err != nil || took > requestTimeout {
			t.Errorf("greeting after %s: %v, want one after %s", took, err, requestTimeout)
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

		time.Sleep(time.Minute)
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

// A client that says nothing, or not all, is cut off after a second.
func TestIdle(t *testing.T) {
	for _, first := range [][]byte{nil, request(t, "Cli.Length", "text")[:20]} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := startPipe(t, Echo(nil))
			began := time.Now()
			client.Write(first)
			_, err := client.Read(make([]byte, 1))
			if got := time.Since(began); err != io.EOF || got != requestTimeout {
				t.Errorf("got %v after %s, want EOF after %s", err, got, requestTimeout)
			}
		})
	}
}

// One that does not take its reply is cut off after half a minute.
func TestIdleReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := startPipe(t, Echo(nil))
		if _, err := client.Write(request(t, "Cli.Length", "text")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(replyTimeout + time.Second)
		late := time.Now()
		n, err := client.Read(make([]byte, 1))
		if took := time.Since(late); n > 0 || err != io.EOF || took > 0 {
			t.Errorf("got %d bytes, %v after %s, want EOF at once", n, err, took)
		}
	})
}

// A client that defines ever new types, with requests that come in time, is
// cut off.
func TestNewTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := startPipe(t, Echo(nil))
		go io.Copy(io.Discard, client)

		sent := 0
		defer func() {
			if sent > maxInput {
				t.Errorf("%d bytes of definitions were read, want at most %d", sent, maxInput)
			}
		}()
		out := writerFunc(func(p []byte) (int, error) {
			n, err := client.Write(p)
			sent += n
			return n, err
		})
		enc := gob.NewEncoder(out)
		for i := range 1_000 {
			if err := enc.EncodeValue(strangeRequest(1, 1, strconv.Itoa(i))); err != nil {
				return
			}
			if err := enc.Encode(struct{}{}); err != nil {
				return
			}
		}
		t.Error("1,000 types were defined")
	})
}

// The memory that definitions take grows with the number of fields times their
// depth. That of all connections at once has a bound.
func TestMemoryOfTypes(t *testing.T) {
	tests := []struct {
		name          string
		fields, depth int
		ok            bool
	}{
		{"nearly as many as fit", 180, 100, true},
		{"too many", 800, 400, false},
	}

	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var request bytes.Buffer
			if err := gob.NewEncoder(&request).EncodeValue(strangeRequest(test.fields, test.depth, "")); err != nil {
				t.Fatal(err)
			}

			before := heapInUse()
			var codecs []*codec
			for range maxConns {
				near, far := net.Pipe()
				defer near.Close()
				go near.Write(request.Bytes())
				c := newCodec(far, newServer(nil))
				if err := c.ReadRequestHeader(new(rpc.Request)); (err == nil) != test.ok {
					t.Fatalf("a request of %d bytes: %v, want success %v", request.Len(), err, test.ok)
				}
				codecs = append(codecs, c)
			}

			took := (heapInUse() - before) >> 20
			t.Logf("%d connections took %d MiB", maxConns, took)
			if took > 32 {
				t.Errorf("%d connections took %d MiB, want at most 32", maxConns, took)
			}
			runtime.KeepAlive(codecs)
		})
	}
}

// strangeRequest is a request with more fields than net/rpc knows, each a list
// of lists of lists and so on.
func strangeRequest(fields, depth int, name string) reflect.Value {
	deep := reflect.TypeFor[int]()
	for range depth {
		deep = reflect.SliceOf(deep)
	}
	list := []reflect.StructField{{Name: "ServiceMethod", Type: reflect.TypeFor[string]()}}
	for i := range fields {
		list = append(list, reflect.StructField{Name: "X" + name + strconv.FormatInt(int64(i), 36), Type: deep})
	}

	request := reflect.New(reflect.StructOf(list)).Elem()
	request.Field(0).SetString(helloMethod)
	return request
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // for what lies in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// Whatever arrives, the connection ends.
func FuzzServer(f *testing.F) {
	f.Add(request(f, "Cli.Length", "text"))
	f.Add(request(f, helloMethod, struct{}{}))
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
