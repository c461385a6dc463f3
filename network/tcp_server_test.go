package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

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
		{"block past the tip", `{"code": 2, "data": 3}`, none}, // of which the article's server dies
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
		a := n.startNode(t, addrA, newLedger(3, "a"))
		b := n.startNode(t, addrB, newLedger(3, "a"))
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
// byte gets one. The article's server takes each piece for a message.
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

// After bad JSON no earlier message is handled again. The article's server pools
// the same transaction twice then.
func TestServerForgetsMessages(t *testing.T) {
	l := newLedger(2, "a")
	var mu sync.Mutex
	relayed := 0
	s := &TCPServer{Ledger: l, Log: testLog(t), Relay: func(_, added []json.RawMessage, _ netip.Addr) {
		mu.Lock()
		defer mu.Unlock()
		relayed += len(added)
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
				began := time.Now()
				var after time.Duration
				s := &TCPServer{Ledger: newLedger(2, "a"), Log: testLog(t)}
				c := startPipe(t, s, "10.0.0.2", func() { after = time.Since(began) })
				test.talk(c)
				io.Copy(io.Discard, c) // until the server hangs up
				if after != test.after {
					t.Errorf("cut off after %s, want %s", after, test.after)
				}
			})
		})
	}
}

// Only a peer that is slow is worth a warning. One that says nothing more may be
// gone, as its connection cannot tell.
func TestServerWarnsOfSlowPeers(t *testing.T) {
	ask := `{"code": 2, "data": 1}`
	tests := []struct {
		name string
		talk func(c net.Conn)
		slow bool
	}{
		{"says nothing", func(net.Conn) {}, false},
		{"asks, and says nothing more", func(c net.Conn) { io.WriteString(c, ask); c.Read(make([]byte, 1<<16)) }, false},
		{"ends its line", func(c net.Conn) { io.WriteString(c, ask+"\n"); c.Read(make([]byte, 1<<16)) }, false},
		{"half a message", func(c net.Conn) { io.WriteString(c, ask[:8]) }, true},
		{"a message and a half at once", func(c net.Conn) { io.WriteString(c, ask+ask[:8]); c.Read(make([]byte, 1<<16)) }, true},
		{"asks, and does not read", func(c net.Conn) { io.WriteString(c, ask); time.Sleep(time.Minute) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := &TCPServer{Ledger: newLedger(2, "a"), Log: newTextLog(&log)}
				c := startPipe(t, s, "10.0.0.2", func() {})
				test.talk(c)
				io.Copy(io.Discard, c) // until the server hangs up
				synctest.Wait()
				got := strings.Contains(log.String(), "peer too slow")
				if got != test.slow || !got && log.Len() > 0 {
					t.Errorf("got log %q, want a warning %v", &log, test.slow)
				}
			})
		})
	}
}

// A peer that sends what no honest node does gets its reply, and then we hang up; the
// log says why. Others at its address are answered at once, but their transactions
// wait for all hostile ones in front of them. Those from elsewhere don't.
func TestServerHostileTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const at, elsewhere = "10.0.0.2", "10.0.0.3"
		var log bytes.Buffer
		l := newLedger(2, "a")
		s := &TCPServer{Ledger: l, Log: newTextLog(&log), checking: newTurns(math.MaxInt, 1)}
		send := func(ip, id string) net.Conn {
			t.Helper()
			c := startPipe(t, s, ip, func() {})
			write(t, c, `{"code": 3, "data": [`+string(testTx(id))+`]}`)
			synctest.Wait()
			return c
		}
		expectEnd := func(c net.Conn) {
			t.Helper()
			expect(t, c, none)
			expectClosed(t, c)
		}

		expectEnd(send(at, "hostile 1"))
		began := time.Now()
		hostile := []net.Conn{send(at, "hostile 2"), send(at, "hostile 3")}
		neighbour := send(at, "neighbour's")
		hostile = append(hostile, send(at, "hostile 4"))

		expect(t, send(elsewhere, "stranger's"), none)
		other := startPipe(t, s, at, func() {})
		write(t, other, `{"code": 2, "data": 1}`)
		expect(t, other, `{"code": 2, "data": `+string(l.chain[1])+`}`)
		if waited := time.Since(began); waited > 0 {
			t.Errorf("a request for a block, or a stranger elsewhere, waits for %s", waited)
		}

		expect(t, neighbour, none)
		want := 3 * hostilePause * time.Duration(len("["+string(testTx("hostile 1"))+"]"))
		if waited := time.Since(began); waited != want {
			t.Errorf("the neighbour waits for %s, want %s", waited, want)
		}
		for _, c := range hostile {
			expectEnd(c)
		}
		if got, want := l.pooled(), `"stranger's" "neighbour's"`; got != want {
			t.Errorf("pool: got %s, want %s", got, want)
		}

		pass(time.Minute)
		expectEnd(send(at, "hostile 5"))
		lines := `level=WARN msg="connection closed: bad transaction" peer=10.0.0.2:40000 err="no honest node sends this: \"hostile 1\""` + "\n" +
			`level=WARN msg="connection closed: bad transaction" peer=10.0.0.2:40000 err="no honest node sends this: \"hostile 5\"" repeated=3` + "\n"
		if log.String() != lines {
			t.Errorf("got log\n%swant\n%s", &log, lines)
		}
	})
}

// However much a hostile peer sends, on however many connections, an honest
// neighbour has its reply before it gives up.
func TestServerHostileNeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &TCPServer{Ledger: newLedger(2, "a"), Log: testLog(t), checking: newTurns(math.MaxInt, 1)}
		send := func(tx string) net.Conn {
			c := startPipe(t, s, "10.0.0.2", func() {})
			write(t, c, `{"code": 3, "data": [`+tx+`]}`)
			synctest.Wait()
			return c
		}
		hostile := string(testTx("hostile")) + strings.Repeat(" ", 2*int(maxHostilePause/hostilePause))
		expect(t, send(hostile), none)
		for range 10 {
			send(hostile)
		}
		neighbour := send(string(testTx("neighbour's")))
		began := time.Now()
		expect(t, neighbour, none)
		if waited := time.Since(began); waited >= replyTimeout {
			t.Errorf("the neighbour waits for %s", waited)
		}

		pass(time.Minute)
		expect(t, send(hostile), none)
		pass(time.Second)
		began = time.Now()
		expect(t, send(string(testTx("another"))), none)
		if waited := time.Since(began); waited > 0 {
			t.Errorf("a second later, the neighbour waits for %s", waited)
		}
	})
}
