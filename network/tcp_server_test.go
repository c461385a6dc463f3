package network

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// startServer runs s on a free port of 127.0.0.1 until the test ends.
func startServer(t testing.TB, s *TCPServer) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// skipWithout skips a test that needs more than one loopback address where
// there is only 127.0.0.1, as on macOS.
func skipWithout(t testing.TB, ip string, err error) {
	t.Helper()
	if ip != "127.0.0.1" && errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skipf("no address %s on this machine", ip)
	}
}

// dial connects to addr from ip, for at most a minute.
func dial(t testing.TB, ip, addr string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	c, err := d.Dial("tcp", addr)
	skipWithout(t, ip, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

// write sends text as it is.
func write(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// expect reads exactly want.
func expect(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	if err != nil || string(got) != want {
		t.Fatalf("got  %.300s, %v\nwant %.300s", got[:n], err, want)
	}
}

// expectClosed reads to the end of the connection, where nothing more comes.
func expectClosed(t testing.TB, c net.Conn) {
	t.Helper()
	rest, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") || len(rest) > 0 {
		t.Fatalf("got %.300q, %v, want the end", rest, err)
	}
}

const none = `{"code": 0, "data": ""}`

// Every request of the protocol, and what is none, with the reply to the
// byte. All go over one connection.
func TestServerReplies(t *testing.T) {
	l := newLedger(2, "a")
	genesis, block := string(l.chain[0]), string(l.chain[2])
	shake := `{"code": 1, "data": {"last_height": 2, "genesis_block": ` + genesis + `}}`
	tests := []struct{ name, request, reply string }{
		{"handshake without a chain", `{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`, shake},
		{"handshake", `{"code": 1, "data": {"last_height": 9, "genesis_block": ` + genesis + `}}`, shake},
		{"handshake from another chain", `{"code": 1, "data": {"last_height": 9, "genesis_block": ` + wireGenesis + `}}`, shake},
		{"handshake from 2^63-1", `{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": ` + genesis + `}}`, none},
		{"handshake with a text", `{"code": 1, "data": ""}`, none},
		{"block", `{"code": 2, "data": 2}`, `{"code": 2, "data": ` + block + `}`},
		{"genesis block", `{"code": 2, "data": 0}`, `{"code": 2, "data": ` + genesis + `}`},
		{"block past the tip", `{"code": 2, "data": 3}`, none}, // python-bugs B29
		{"block 2^31", `{"code": 2, "data": 2147483648}`, none},
		{"block 2^63", `{"code": 2, "data": 9223372036854775808}`, none},
		{"block -1", `{"code": 2, "data": -1}`, none},
		{"block 1.0", `{"code": 2, "data": 1.0}`, none},
		{"block as a text", `{"code": 2, "data": "1"}`, none},
		{"block null", `{"code": 2, "data": null}`, none},
		{"transactions", `{"code": 3, "data": [` + string(testTx("one")) + `, ` + string(testTx("two")) + `]}`, none},
		{"no transactions", `{"code": 3, "data": []}`, none},
		{"bad transaction", `{"code": 3, "data": [` + string(testTx("bad")) + `, ` + string(testTx("three")) + `]}`, none},
		{"transactions that are none", `{"code": 3, "data": [1]}`, none},
		{"none", none, none},
		{"unknown code", `{"code": 99, "data": ""}`, none},
		{"no code", `{"data": 2}`, none},
		{"a list", `[2, 2]`, none},
		{"a text", `"addr" `, none}, // what ends neither with } nor ] ends with the next byte
		{"null", `null `, none},
		{"unknown members", `{"code": 2, "data": 2, "Code": 1, "from": {"code": 1}}`, `{"code": 2, "data": ` + block + `}`},
		{"no spaces", `{"code":2,"data":2}`, `{"code": 2, "data": ` + block + `}`},
	}
	addr := startServer(t, &TCPServer{Ledger: l, Log: testLog(t)})
	c := dial(t, "127.0.0.1", addr)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			write(t, c, test.request)
			expect(t, c, test.reply)
		})
	}
	if got, want := l.pooled(), `"one" "two" "three"`; got != want {
		t.Errorf("pool: got %s, want %s", got, want)
	}
}

// A handshake costs the ledger no block, whoever asks whom: only the first asks
// for the other's tip.
func TestHandshakeReadsNoBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.node(t, addrA, newLedger(3, "a"))
		b := n.node(t, addrB, newLedger(3, "a"))
		a.knows(b)
		pass(time.Minute)
		if a.state(t) != "in step" || b.state(t) != "in step" {
			t.Errorf("got states %q and %q, want both in step", a.state(t), b.state(t))
		}
		if len(a.ledger.asked) != 1 || len(b.ledger.asked) != 1 {
			t.Errorf("got blocks %v and %v read, want one each", a.ledger.asked, b.ledger.asked)
		}
	})
}

func TestServerWithoutChain(t *testing.T) {
	addr := startServer(t, &TCPServer{Ledger: newLedger(-1, ""), Log: testLog(t)})
	c := dial(t, "127.0.0.1", addr)
	write(t, c, `{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`)
	expect(t, c, `{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`)
	write(t, c, `{"code": 2, "data": 0}`)
	expect(t, c, none)
}

func TestServerLedgerWithoutStatus(t *testing.T) {
	l := newLedger(2, "a")
	l.noReply = errors.New("disk on fire")
	addr := startServer(t, &TCPServer{Ledger: l, Log: testLog(t)})
	c := dial(t, "127.0.0.1", addr)
	write(t, c, `{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`)
	expect(t, c, none)
	write(t, c, `{"code": 2, "data": 1}`)
	expect(t, c, `{"code": 2, "data": `+string(l.chain[1])+`}`)
}

// What is not JSON gets one reply, and the end.
func TestServerNotJSON(t *testing.T) {
	tests := []struct{ name, in string }{
		{"a bare word", "addr"},
		{"binary", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"},
		{"HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{"Python's print", `{'code': 1}`},
		{"trailing comma", `{"code": 2, "data": 1,}`},
		{"nested too deep", strings.Repeat("[", 100_000)},
		{"objects nested too deep", strings.Repeat(`{"code":`, 100_000)},
	}
	addr := startServer(t, &TCPServer{Ledger: newLedger(2, "a"), Log: testLog(t)})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, "127.0.0.1", addr)
			write(t, c, test.in)
			expect(t, c, none)
			expectClosed(t, c)
		})
	}
}

// Two messages in one segment get two replies, and one that comes byte by
// byte gets one (python-bugs B27).
func TestServerSegments(t *testing.T) {
	l := newLedger(2, "a")
	addr := startServer(t, &TCPServer{Ledger: l, Log: testLog(t)})
	c := dial(t, "127.0.0.1", addr)
	ask := `{"code": 2, "data": 1}`
	reply := `{"code": 2, "data": ` + string(l.chain[1]) + `}`
	write(t, c, ask+ask)
	expect(t, c, reply+reply)
	for i := range len(ask) {
		write(t, c, ask[i:i+1])
	}
	expect(t, c, reply)
	write(t, c, ask+ask[:9])
	expect(t, c, reply)
	write(t, c, ask[9:])
	expect(t, c, reply)
}

// After bad JSON no earlier message is handled again (python-bugs B28).
func TestServerForgetsMessages(t *testing.T) {
	l := newLedger(2, "a")
	var mu sync.Mutex
	relayed := 0
	s := &TCPServer{Ledger: l, Log: testLog(t), Relay: func(txs []json.RawMessage, _ netip.Addr) {
		mu.Lock()
		defer mu.Unlock()
		relayed += len(txs)
	}}
	c := dial(t, "127.0.0.1", startServer(t, s))
	write(t, c, `{"code": 3, "data": [`+string(testTx("one"))+`]}`)
	expect(t, c, none)
	l.mu.Lock()
	l.pool = nil // so that it would be new
	l.mu.Unlock()
	write(t, c, `{"code": `+"oops")
	expect(t, c, none)
	expectClosed(t, c)
	mu.Lock()
	defer mu.Unlock()
	if relayed != 1 || l.pooled() != "" {
		t.Errorf("got %d transactions relayed and pool %q, want 1 and none", relayed, l.pooled())
	}
}

// A message has 30 s, waiting included; whoever takes longer, however busily,
// is cut off.
func TestServerTimeouts(t *testing.T) {
	ask := `{"code": 2, "data": 1}`
	tests := []struct {
		name  string
		talk  func(c net.Conn)
		after time.Duration
	}{
		{"says nothing", func(net.Conn) {}, 30 * time.Second},
		{"half a message", func(c net.Conn) { io.WriteString(c, ask[:8]) }, 30 * time.Second},
		{"a byte every 4 s", func(c net.Conn) {
			for i := range ask {
				if _, err := io.WriteString(c, ask[i:i+1]); err != nil {
					return
				}
				time.Sleep(4 * time.Second)
			}
		}, 30 * time.Second},
		{"never reads", func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, ask); err != nil {
					return
				}
			}
		}, 30 * time.Second},
		{"a heartbeat every 10 s for a minute", func(c net.Conn) {
			for range 6 {
				io.WriteString(c, none)
				io.ReadFull(c, make([]byte, len(none)))
				time.Sleep(10 * time.Second)
			}
		}, 80 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				began := time.Now()
				var wg sync.WaitGroup
				defer wg.Wait()
				wg.Go(func() { test.talk(near) })
				s := &TCPServer{Ledger: newLedger(2, "a"), Log: testLog(t)}
				s.converse(t.Context(), newMsgConn(far, s.Log))
				far.Close()
				if got := time.Since(began); got != test.after {
					t.Errorf("cut off after %s, want %s", got, test.after)
				}
			})
		})
	}
}

// Too many connections are turned away; when one ends, the next gets in.
func TestServerConnectionLimits(t *testing.T) {
	l := newLedger(0, "a")
	ask, reply := `{"code": 2, "data": 0}`, `{"code": 2, "data": `+string(l.chain[0])+`}`
	addr := startServer(t, &TCPServer{Ledger: l, Log: testLog(t), MaxConns: 8})
	open := func(ip string) net.Conn {
		c := dial(t, ip, addr)
		write(t, c, ask)
		return c
	}
	admitted := func(ip string) net.Conn {
		t.Helper()
		c := open(ip)
		expect(t, c, reply)
		return c
	}
	admitted("127.0.0.1")
	admitted("127.0.0.1")
	expectClosed(t, open("127.0.0.1")) // a quarter of 8 from one address
	for _, ip := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"} {
		admitted(ip)
		admitted(ip)
	}
	last := admitted("127.0.0.5") // 8 in all: it gets the place of one of a pair
	expectClosed(t, open("127.0.0.5"))
	admitted("127.0.0.6")
	admitted("127.0.0.7")
	admitted("127.0.0.8")
	expectClosed(t, open("127.0.0.9")) // one of each
	last.Close()
	for range 100_000 { // until the server has noticed
		c := dial(t, "127.0.0.9", addr)
		io.WriteString(c, ask)
		if _, err := io.ReadFull(c, make([]byte, len(reply))); err == nil {
			return
		}
		c.Close()
	}
	t.Error("nobody is admitted after a connection ended")
}

// Strangers who each send most of a large message take all slots; small
// messages are answered all the same, and large ones when there is room again.
func TestServerLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &TCPServer{Ledger: newLedger(0, "a"), Log: testLog(t)}
		s.largeSlots = make(chan struct{}, maxLarge)
		var wg sync.WaitGroup
		defer wg.Wait()
		open := func() net.Conn {
			near, far := net.Pipe()
			wg.Go(func() {
				defer far.Close()
				s.converse(t.Context(), newMsgConn(far, s.Log))
			})
			return near
		}
		begin := `{"code": 3, "data": [{"txid": "` + strings.Repeat("x", 2*smallMsg)
		end := `"}]}`
		var held []net.Conn
		for range maxLarge {
			c := open()
			write(t, c, begin)
			held = append(held, c)
		}
		late := open()
		write(t, late, none)
		expect(t, late, none)
		if _, err := io.WriteString(late, begin); err == nil {
			t.Error("more large messages are read than there are slots")
		}
		for _, c := range held {
			write(t, c, end)
			expect(t, c, none)
		}
		c := open()
		write(t, c, begin+end)
		expect(t, c, none)
		for _, c := range append(held, c) {
			c.Close()
		}
	})
}

// A flood of one kind makes one line a minute, and that line says how many
// there were.
func TestQuietLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		log := newTextLog(&out)
		var q quietLog
		for range 100 {
			q.warn(log, "too slow", "peer", 1)
			q.warn(log, "too long", "peer", 1)
		}
		time.Sleep(time.Minute)
		q.warn(log, "too slow", "peer", 2)
		want := "level=WARN msg=\"too slow\" peer=1\n" +
			"level=WARN msg=\"too long\" peer=1\n" +
			"level=WARN msg=\"too slow\" peer=2 repeated=99\n"
		if out.String() != want {
			t.Errorf("got\n%swant\n%s", out.String(), want)
		}
	})
}
