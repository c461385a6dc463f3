package network

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// startPython runs a Python peer that only answers, and says what it was asked.
func (n *fakeNet) startPython(t *testing.T, addr string, l *fakeLedger) (at netip.AddrPort, asked *recorder) {
	t.Helper()
	asked = new(recorder)
	at = n.startScript(t, addr, func(req Msg) []byte {
		asked.add(req)
		if req.Code == NoneMsg {
			return []byte(pythonNone)
		}
		return serve(l, req)
	})
	return at, asked
}

// startAnswering runs a peer that only answers: a Python node, or one of this program.
func (n *fakeNet) startAnswering(t *testing.T, addr string, l *fakeLedger, python bool) (at netip.AddrPort) {
	t.Helper()
	if !python {
		return n.startScript(t, addr, func(req Msg) []byte { return serve(l, req) })
	}
	at, _ = n.startPython(t, addr, l)
	return at
}

// A Python node is told apart by its answer to a message that says nothing, once a
// connection. It gets no transactions, neither ours nor others', and the nodes of
// this program all of them.
func TestPythonPeerGetsNoTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		ours := newLedger(3, "a")
		ours.waiting = append(ours.waiting, testTx("waiting"))
		a := n.startNode(t, addrA, ours)
		b := n.startNode(t, addrB, newLedger(3, "a"), a)
		python, asked := n.startPython(t, addrC, newLedger(3, "a"))
		a.disc.set(b.addr, python)
		pass(2 * time.Second)

		a.Broadcast(testTx("one"))
		txs := []json.RawMessage{testTx("two")}
		a.relayTxs(txs, txs, netip.MustParseAddr("10.0.0.9"))
		pass(time.Minute)
		if got := asked.count(TransactionMsg); got != 0 {
			t.Errorf("the Python node got %d messages with transactions", got)
		}
		if got := asked.count(NoneMsg); got != 1 {
			t.Errorf("the Python node was asked %d times what it is, want once", got)
		}
		if got, want := b.ledger.pooled(), `"waiting" "one" "two"`; got != want {
			t.Errorf("pool of the other node: got %s, want %s", got, want)
		}

		if got := a.PythonPeers(); got != 1 {
			t.Errorf("got %d Python peers, want 1", got)
		}
		for _, peer := range a.Peers() {
			isPython := peer.Addr == python
			if !peer.InStep || strings.Contains(peer.State, "Python") != isPython {
				t.Errorf("got %+v", peer)
			}
		}
	})
}

// A Python node with another chain is none that our blocks have to suit.
func TestPythonPeerOfOtherChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		python, _ := n.startPython(t, addrB, newLedger(3, "b"))
		a.disc.set(python)
		pass(2 * time.Second)
		if state := a.state(t); a.PythonPeers() != 0 || !strings.Contains(state, "other genesis block") {
			t.Errorf("%d Python peers count; state %q", a.PythonPeers(), state)
		}
	})
}

// A Python node that has an invalid block, from another one, isn't left alone: it
// has to take our chain as soon as that is higher. A liar of this program is.
func TestInvalidBlockOfPythonPeer(t *testing.T) {
	for _, python := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			n := newFakeNet()
			theirs := newLedger(3, "a")
			theirs.push(testBlock(4, blockHash(theirs.chain[3]), "bad"))
			addr := n.startAnswering(t, addrB, theirs, python)

			var mu sync.Mutex
			var rivals []int
			a := n.nodeWith(t, func(p *PeerServer) {
				p.Rival = func(height int) { mu.Lock(); defer mu.Unlock(); rivals = append(rivals, height) }
			}, addrA, newLedger(2, "a"))
			a.disc.set(addr)
			pass(5 * time.Second)

			mu.Lock()
			defer mu.Unlock()
			state := a.state(t)
			isLeftAlone := strings.HasPrefix(state, "left alone")
			isRival := len(rivals) > 0 && rivals[0] == 4
			if isLeftAlone == python || isRival != python {
				t.Errorf("Python: %t: got state %q, rivals %v", python, state, rivals)
			}
		})
	}
}

// turnConn is a connection over which each request waits for the reply to the one
// before.
type turnConn struct {
	net.Conn
	t     *testing.T
	waits bool // for a reply
}

func (c *turnConn) Write(b []byte) (int, error) {
	if c.waits {
		c.t.Errorf("%s follows another request at once", b)
	}
	c.waits = true
	return c.Conn.Write(b)
}

func (c *turnConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.waits = c.waits && n == 0
	return n, err
}

// A sync from a Python node may end while blocks are on their way over several
// connections. The next one doesn't take them for those that it asks for.
func TestPythonPeerSyncsAgain(t *testing.T) {
	for before := range pythonConns {
		synctest.Test(t, func(t *testing.T) {
			n := newFakeNet()
			n.delay = 25 * time.Millisecond
			theirs, ours := newLedger(before, "a"), newLedger(before, "a")
			theirs.extend(1, "early")
			theirs.extend(2*maxBatchBlocks, "a")
			ours.clock = time.Now().Add(notTakenPause)

			python, _ := n.startPython(t, addrB, theirs)
			c := n.newClient(t, python, ours)
			dial := c.Dial
			c.Dial = func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
				nc, err := dial(ctx, addr)
				return &turnConn{Conn: nc, t: t}, err
			}
			runClient(t, c)
			pass(2 * time.Minute)
			if ours.tip() != theirs.tip() {
				t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
			}
			if got := len(n.tries(python)); got != pythonConns {
				t.Errorf("got %d connections, want %d", got, pythonConns)
			}
		})
	}
}

// Two Python nodes that mined at the same moment keep their blocks.
func TestRivalOfSameHeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(3, "a"), newLedger(3, "a")
		theirs.extend(1, "b")
		ours.extend(1, "c")
		python, _ := n.startPython(t, addrB, theirs)

		var mu sync.Mutex
		heights := make(map[int]int)
		a := n.nodeWith(t, func(p *PeerServer) {
			p.Rival = func(height int) { mu.Lock(); defer mu.Unlock(); heights[height]++ }
		}, addrA, ours)
		a.disc.set(python)
		pass(20 * time.Second)
		mu.Lock()
		if len(heights) != 1 || heights[4] < 10 {
			t.Errorf("rivals by height: %v, want one of 4 every second", heights)
		}
		clear(heights)
		mu.Unlock()

		ours.extend(1, "c")
		a.Announce()
		pass(20 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(heights) != 0 {
			t.Errorf("rivals by height: %v, though our chain is higher", heights)
		}
	})
}

// A Python node may replace its last block by another one, if two of its threads
// write at the same moment.
func TestRivalInPlaceOfOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		common := newLedger(3, "a")
		theirs := common.fork(2, 1, "b")
		var swapped atomic.Bool
		python := n.startScript(t, addrB, func(req Msg) []byte {
			switch {
			case req.Code == NoneMsg:
				return []byte(pythonNone)
			case swapped.Load():
				return serve(theirs, req)
			}
			return serve(common, req)
		})

		var rival atomic.Int64
		a := n.nodeWith(t, func(p *PeerServer) { p.Rival = func(height int) { rival.Store(int64(height)) } }, addrA, newLedger(3, "a"))
		a.disc.set(python)
		pass(time.Minute)
		if got := rival.Load(); got != 0 {
			t.Fatalf("rival of height %d, though the peer has our block", got)
		}
		swapped.Store(true)
		pass(time.Minute)
		if got := rival.Load(); got != 3 {
			t.Errorf("rival of height %d, want 3", got)
		}
	})
}

// A Python node that no longer shakes hands with us gets to see us under a new ID,
// again and again until it does. One that does, and a node of this program, don't.
func TestKnock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		var mu sync.Mutex
		knocks := make(map[netip.AddrPort]int)
		a := n.nodeWith(t, func(p *PeerServer) {
			p.Knock = func(addr netip.AddrPort) { mu.Lock(); defer mu.Unlock(); knocks[addr]++ }
		}, addrA, newLedger(3, "a"))
		deaf, _ := n.startPython(t, addrB, newLedger(3, "a"))
		alive, _ := n.startPython(t, addrC, newLedger(3, "a"))
		other := n.startAnswering(t, "10.0.0.4:5678", newLedger(3, "a"), false)
		a.disc.set(deaf, alive, other)

		nc, err := n.dialer(alive.Addr())(context.Background(), a.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		status, _ := newLedger(3, "a").Status()
		for range 10 {
			handshake := string(status.Msg().Append(nil))
			write(t, nc, handshake)
			expect(t, nc, handshake)
			pass(10 * time.Second)
		}

		mu.Lock()
		defer mu.Unlock()
		if len(knocks) != 1 || knocks[deaf] < 3 || knocks[deaf] > 4 {
			t.Errorf("knocks: %v, want 3 or 4 at %s", knocks, deaf)
		}
	})
}

// A Python node's threads fall out of step, since it waits for each reply to a
// handshake for some time, and never for long. Other nodes don't wait.
func TestPythonPeerWaitsForHandshake(t *testing.T) {
	for _, python := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			n := newFakeNet()
			l := newLedger(3, "a")
			at := n.startAnswering(t, addrB, l, python)
			a := n.startNode(t, addrA, newLedger(3, "a"))
			a.disc.set(at)
			pass(2 * time.Second)

			nc, err := n.dialer(at.Addr())(context.Background(), a.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			status, _ := l.Status()
			handshake := string(status.Msg().Append(nil))
			waits := make(map[time.Duration]bool)
			for range 10 {
				began := time.Now()
				write(t, nc, handshake)
				expect(t, nc, handshake)
				waits[time.Since(began)] = true
			}
			for wait := range waits {
				if wait >= maxPythonPause || (wait > 0) != python {
					t.Errorf("Python: %t: the reply came after %s", python, wait)
				}
			}
			if python && len(waits) < 5 {
				t.Errorf("the replies came after %v, want random pauses", waits)
			}
		})
	}
}
