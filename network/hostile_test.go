package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// attackers are peers of the worst kind.
var attackers = map[string]func(ctx context.Context, dial func() net.Conn){
	"floods connections": func(ctx context.Context, dial func() net.Conn) {
		var open []net.Conn
		for range 60 { // nearly twice what one address may have
			if c := dial(); c != nil {
				open = append(open, c)
			}
		}
		for _, c := range open {
			c.Close()
		}
	},
	"sends garbage":      sends("addr"),
	"sends deep JSON":    sends(strings.Repeat("[", 1<<20)),
	"sends giant JSON":   sends(`{"code": 3, "data": "` + strings.Repeat("x", 3<<20)),
	"sends many numbers": sends(`{"code": 3, "data": [` + strings.Repeat("1,", 1<<19) + "1]}"),
	"sends half a message": func(ctx context.Context, dial func() net.Conn) {
		if c := dial(); c != nil {
			defer c.Close()
			io.WriteString(c, `{"code": 2, "da`)
			io.Copy(io.Discard, c) // until the server has enough
		}
	},
	"talks slowly": func(ctx context.Context, dial func() net.Conn) {
		if c := dial(); c != nil {
			defer c.Close()
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for _, b := range []byte(`{"code": 1, "data": {"last_height": ` + strings.Repeat("1", 500)) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
			}
		}
	},
	"never reads": func(ctx context.Context, dial func() net.Conn) {
		if c := dial(); c != nil {
			defer c.Close()
			ask := strings.Repeat(`{"code": 2, "data": 1}`, 100)
			for range 1000 {
				if _, err := io.WriteString(c, ask); err != nil {
					return
				}
			}
		}
	},
	"claims false heights": sends(strings.Repeat(
		`{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": `+wireGenesis+`}}`, 20)),
	"asks for blocks there are not": sends(strings.Repeat(`{"code": 2, "data": 2147483647}`, 20)),
}

// sends is an attacker that sends text and hangs up.
func sends(text string) func(context.Context, func() net.Conn) {
	return func(ctx context.Context, dial func() net.Conn) {
		if c := dial(); c != nil {
			defer c.Close()
			io.WriteString(c, text)
		}
	}
}

// An honest peer is answered while each attacker does its worst, each from an
// address of its own.
func TestHostilePeers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	l := newLedger(2, "a")
	const patience = 4 * time.Second
	addr := startServer(t, &TCPServer{Ledger: l, Log: newTextLog(io.Discard), Timeout: patience})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	ip := 10
	for _, attack := range attackers {
		ip++
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(ip))}}
		dial := func() net.Conn {
			c, err := dialer.DialContext(ctx, "tcp", addr)
			if err != nil {
				return nil
			}
			c.SetDeadline(time.Now().Add(10 * time.Second))
			return c
		}
		wg.Go(func() {
			for began := time.Now(); time.Since(began) < patience; {
				attack(ctx, dial)
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	want := fmt.Sprintf(`{"code": 2, "data": %s}`, l.chain[1])
	for {
		c := dial(t, "127.0.0.2", addr)
		for range 5 {
			write(t, c, `{"code": 2, "data": 1}`)
			expect(t, c, want)
		}
		c.Close()
		select {
		case <-over:
			return
		default:
		}
	}
}

// A whole node with a hostile peer at every turn still syncs from the honest
// one, and passes its transactions on.
func TestHostileServers(t *testing.T) {
	honest, ours := newLedger(700, "a"), newLedger(-1, "")
	_, addr, _ := startPeer(t, "127.0.0.1", honest)
	peers := []netip.AddrPort{addr}
	for i, text := range []string{
		"addr", strings.Repeat("[", 1<<20), `{"code": 1, "data": "` + strings.Repeat("x", 3<<20), `{"code": 1, `, none, "",
		`{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": ` + wireGenesis + `}}`,
		string(Status{Height: 1 << 30, Genesis: honest.chain[0]}.Msg().Append(nil)),
	} {
		peers = append(peers, startBabbler(t, fmt.Sprintf("127.0.0.%d", 20+i), text))
	}
	p, _, _ := startPeer(t, "127.0.0.2", ours, peers...)
	ours.await(t, "sync", func() bool { return ours.tip() == honest.tip() })
	p.Broadcast(testTx("one"))
	honest.await(t, "transaction", func() bool { return honest.pooled() == `"one"` })
}

// startBabbler runs a server that sends the same text after each read, until
// the test ends.
func startBabbler(t *testing.T, ip, text string) netip.AddrPort {
	ln := listen(t, ip+":0")
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer closeWhenDone(ctx, c)()
				in := make([]byte, 4096)
				for {
					if _, err := c.Read(in); err != nil {
						return
					}
					if _, err := io.WriteString(c, text); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		ln.Close()
		wg.Wait()
	})
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// What a hostile message may cost in memory, in all.
func TestHostileMessageMemory(t *testing.T) {
	var manyMembers strings.Builder
	manyMembers.WriteString(`{"code": 3`)
	for i := range maxParts {
		fmt.Fprintf(&manyMembers, `, "%d": 1`, i)
	}
	manyMembers.WriteString("}")
	tests := []struct {
		name, in string
		most     uint64 // bytes
	}{
		{"deep", strings.Repeat("[", 4<<20), 2 << 20},
		{"giant", `{"code": 3, "data": "` + strings.Repeat("x", 4<<20), 12 << 20},
		{"many members", "{" + strings.Repeat(`"a":1,`, 300_000) + `"b":1}`, 12 << 20},
		{"many numbers", `{"code": 3, "data": [` + strings.Repeat("1,", 900_000) + "1]}", 12 << 20},
		{"many objects", `{"code": 3, "data": [` + strings.Repeat("{},", 600_000) + "{}]}", 12 << 20},
		{"as many members as there may be", manyMembers.String(), 24 << 20},
		{"as many objects as there may be", `{"code": 3, "data": [` + strings.Repeat("{},", maxParts-2) + "{}]}", 12 << 20},
		{"header after as much as there may be", `{"code": 3, "data": {"a": "` + strings.Repeat("x", maxMsg-300) + `", "block_header": 1}}`, 24 << 20},
	}
	for _, test := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := stream(strings.NewReader(test.in)).receive(time.Minute)
		if err == nil {
			_, err = parseTxs(m.Data)
			parseHeader(m.Data)
		}
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: got %.60s, want an error", test.name, m.Data)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > test.most {
			t.Errorf("%s: got %d bytes allocated, want at most %d", test.name, got, test.most)
		}
	}
}

// A large message leaves no large buffer behind, whatever it was filled with: each
// connection would keep 4 MiB for as long as it lives. What follows at once is
// not lost.
func TestLargeMessageLeavesNoBuffer(t *testing.T) {
	const count = 8
	pad := strings.Repeat(" ", maxMsg/2+100)
	for name, text := range map[string]string{
		"space":          `{"code": 0, "data": ""` + pad + `}`,
		"unknown member": `{"code": 0, "data": "", "x": "` + pad + `"}`,
		"no message":     `{"code": 0, "x": "` + pad + `"}`,
		"data":           `{"code": 0, "data": "` + pad + `"}`,
	} {
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		both := text + none
		var conns []*msgConn
		before := heap()
		for range count {
			c := stream(strings.NewReader(both))
			if _, err := c.receive(time.Second); err != nil && !errors.Is(err, ErrMsg) {
				t.Fatal(err)
			}
			conns = append(conns, c)
		}
		if got := (int64(heap()) - int64(before)) / count; got > 2*smallMsg {
			t.Errorf("%s: each connection keeps %d bytes", name, got)
		}
		for _, c := range conns {
			if m, err := c.receive(time.Second); err != nil || m.Code != NoneMsg {
				t.Errorf("%s: got %v, %v for the next message", name, m, err)
			}
		}
	}
}

// A server listens on the port of one that just ended, whose connections were
// open still. The article's server finds the address in use.
func TestRestartOnSamePort(t *testing.T) {
	l := newLedger(2, "a")
	addr := "127.0.0.1:0"
	for range 5 {
		ln := listen(t, addr)
		addr = ln.Addr().String()
		stop := startOn(t, ln, (&TCPServer{Ledger: l, Log: testLog(t)}).Serve)
		c := dial(t, "127.0.0.1", addr)
		write(t, c, none)
		expect(t, c, none)
		stop()
		expectClosed(t, c)
	}
}

// Fifty lives of two nodes that talk leave no goroutine and no descriptor.
func TestNoLeaks(t *testing.T) {
	life := func() {
		a, b := newLedger(3, "a"), newLedger(-1, "")
		_, addr, stopA := startPeer(t, "127.0.0.1", a)
		_, _, stopB := startPeer(t, "127.0.0.1", b, addr)
		b.await(t, "sync", func() bool { return a.tip() == b.tip() })
		stopB()
		stopA()
	}
	life()
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for range 50 {
		life()
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 { // a goroutine that is done may not be gone yet
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		<-tick.C
	}
	if got := runtime.NumGoroutine(); got > goroutines {
		t.Errorf("got %d goroutines, want %d", got, goroutines)
	}
	if got := openFiles(); got > files {
		t.Errorf("got %d open files, want %d", got, files)
	}
}

// openFiles is the number of descriptors, or 0 where /proc does not tell.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
